package io.footbridge.control.config;

import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.SettingKey;
import io.footbridge.control.model.Settings;
import java.util.Optional;

/** Reads what {@code -o KEY=VALUE} sets: each as a member of its own, or all under {@code options}. */
final class SettingsReader {
    private SettingsReader() {
    }

    static <K extends Enum<K> & SettingKey> Settings<K> read(Class<K> keys, Fields fields) throws RefusedException {
        Settings<K> settings = Settings.initial(keys);
        for (K key : keys.getEnumConstants()) {
            settings = withMember(settings, key, fields);
        }
        Fields options = fields.mapping("options");
        for (String option : options.names()) {
            try {
                settings = withMember(settings, Settings.key(keys, option), options);
            } catch (IllegalArgumentException unknown) {
                throw options.refused(option, unknown.getMessage());
            }
        }
        return settings;
    }

    private static <K extends Enum<K> & SettingKey> Settings<K> withMember(Settings<K> settings, K key, Fields fields)
        throws RefusedException {
        Optional<String> text = fields.value(key.label(), "a value", key.value()::canonical);
        return text.isPresent() ? settings.with(key, text.get()) : settings;
    }
}
