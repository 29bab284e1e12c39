package io.footbridge.control.api;

import io.netty.handler.codec.http.HttpResponseStatus;

/** What is answered to a request. */
sealed interface ApiAnswer {
    /**
     * A document.
     *
     * @param status the response's status
     * @param content maps, lists and values
     */
    record Document(HttpResponseStatus status, Object content) implements ApiAnswer {
        static Document ok(Object content) {
            return new Document(HttpResponseStatus.OK, content);
        }
    }

    /** It is done, and there is nothing to say. */
    record Done() implements ApiAnswer {
    }

    /**
     * A body that is written while it is sent.
     *
     * @param body has begun, and is closed by whoever sends the answer
     */
    record Stream(StreamedBody body) implements ApiAnswer {
    }
}
