package io.footbridge.control.api;

import io.footbridge.control.model.Quoted;
import io.footbridge.control.model.RefusedException;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request, taken apart.
 *
 * @param method what to do
 * @param path the decoded parts of the path
 * @param query the query's parameters, each once
 * @param body the body as text
 */
record ApiRequest(HttpMethod method, List<String> path, Map<String, List<String>> query, String body) {
    static ApiRequest of(HttpMethod method, String uri, String body) throws RefusedException {
        try {
            QueryStringDecoder decoder = new QueryStringDecoder(uri);
            List<String> path = Arrays.stream(decoder.rawPath().substring(1).split("/", -1))
                .map(QueryStringDecoder::decodeComponent).toList();
            return new ApiRequest(method, path, decoder.parameters(), body);
        } catch (IllegalArgumentException | IndexOutOfBoundsException malformed) {
            throw RefusedException.invalid("malformed path " + Quoted.of(uri));
        }
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(query.get(name)).map(List::getFirst);
    }

    boolean is(HttpMethod expected) {
        return method.equals(expected);
    }
}
