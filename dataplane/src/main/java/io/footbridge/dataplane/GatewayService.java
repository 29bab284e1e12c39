package io.footbridge.dataplane;

/**
 * Who answers what containers ask at their gateway's address: names and addresses. The engine takes the questions off the
 * wire, holds each port to its share, and carries the answers.
 */
public interface GatewayService {
    /**
     * Takes a question, which ends with {@link ServiceRequest#answer} or {@link ServiceRequest#ignore}, at once or later.
     * On the engine's service thread, of which there is one: what takes time is for other threads.
     */
    void take(ServiceRequest request);
}
