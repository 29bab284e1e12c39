package io.footbridge.nat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Things that records name by a number. Any thread reads; changes are made under a lock. */
final class Numbered<T> {
    private final int limit;
    private volatile Object[] things = new Object[16];

    /** Makes a thing of a number. */
    interface Maker<T, E extends Exception> {
        T make(int number) throws E;
    }

    /** @param limit numbers are below this */
    Numbered(int limit) {
        this.limit = limit;
    }

    /** The thing of a number. */
    @SuppressWarnings("unchecked")
    T get(int number) {
        return (T) things[number];
    }

    /** Makes a thing with the least number that none has. */
    synchronized <E extends Exception> T add(Maker<T, E> maker) throws E {
        Object[] before = things;
        int number = 0;
        while (number < before.length && before[number] != null) {
            number++;
        }
        if (number == limit) {
            throw new IllegalStateException("all " + limit + " numbers are taken");
        }
        T thing = maker.make(number);
        Object[] after = Arrays.copyOf(before, number < before.length ? before.length : 2 * before.length);
        after[number] = thing;
        things = after;
        return thing;
    }

    /** Its number may be another's. */
    synchronized void remove(int number) {
        Object[] after = things.clone();
        after[number] = null;
        things = after;
    }

    /** All of them. */
    @SuppressWarnings("unchecked")
    List<T> all() {
        List<T> all = new ArrayList<>();
        for (Object thing : things) {
            if (thing != null) {
                all.add((T) thing);
            }
        }
        return all;
    }
}
