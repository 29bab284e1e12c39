package io.footbridge.control.config;

import io.footbridge.control.model.ConfiguredPublication;
import io.footbridge.control.model.EndpointSpec;
import io.footbridge.control.model.Names;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.RefusedException;
import io.footbridge.nat.NatSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a daemon begins with.
 *
 * @param networks in the file's order
 * @param endpoints in the file's order
 * @param publications what is to be published, by the network's name; nothing for those that are not there
 * @param nat how flows are tracked
 */
public record Configuration(List<NetworkSpec> networks, List<ConfiguredEndpoint> endpoints,
    Map<String, List<ConfiguredPublication>> publications, NatSettings nat) {
    /** Nothing beyond the default network. */
    public static final Configuration EMPTY = new Configuration(List.of(), List.of(), Map.of(), NatSettings.DEFAULT);

    /** Keeps copies. */
    public Configuration {
        networks = List.copyOf(networks);
        endpoints = List.copyOf(endpoints);
        publications = Map.copyOf(publications);
    }

    /**
     * An endpoint of the file.
     *
     * @param network the name of its network
     * @param spec what it is; its name is there
     */
    public record ConfiguredEndpoint(String network, EndpointSpec spec) {
        /** Its name on the network. */
        public String name() {
            return spec.name().orElseThrow();
        }
    }

    /** Reads a file's text; refuses whatever it does not know, with its line. */
    public static Configuration read(String text) throws RefusedException {
        Fields root = Fields.of(DocumentReader.yaml(text));
        List<NetworkSpec> networks = new ArrayList<>();
        List<ConfiguredEndpoint> endpoints = new ArrayList<>();
        Map<String, List<ConfiguredPublication>> publications = new LinkedHashMap<>();
        Fields all = root.mapping("networks");
        NetworkCheck check = new NetworkCheck();
        for (Map.Entry<String, Fields> network : all.mappings().entrySet()) {
            String name = network.getKey();
            checkName(all, name);
            Fields fields = network.getValue();
            Fields members = fields.mapping("endpoints");
            Map<EndpointSpec, Fields> ofNetwork = new LinkedHashMap<>();
            for (Map.Entry<String, Fields> endpoint : members.mappings().entrySet()) {
                checkName(members, endpoint.getKey());
                EndpointSpec spec = EndpointReader.read(Optional.of(endpoint.getKey()), endpoint.getValue());
                ofNetwork.put(spec, endpoint.getValue());
                endpoints.add(new ConfiguredEndpoint(name, spec));
            }
            List<ConfiguredPublication> published = fields.values("publish", "SPEC NAME", ConfiguredPublication::parse);
            NetworkSpec spec = NetworkReader.read(name, fields);
            check.check(spec, fields, ofNetwork, published);
            networks.add(spec);
            publications.put(name, published);
        }
        check.refuseUplinksWithoutAddress();
        NatSettings nat = ConntrackReader.read(root.mapping("conntrack"));
        root.refuseOthers();
        return new Configuration(networks, endpoints, publications, nat);
    }

    private static void checkName(Fields fields, String name) throws RefusedException {
        try {
            Names.checked(name);
        } catch (IllegalArgumentException wrong) {
            throw fields.refused(name, wrong.getMessage());
        }
    }
}
