package io.footbridge.proxy;

/**
 * What a proxy has done and holds now.
 *
 * @param accepted TCP clients taken
 * @param open TCP connections now
 * @param refused TCP clients whose back end could not be reached
 * @param resets connections that were ended by a reset because one side was
 * @param acceptPauses how often a listener had to wait for descriptors
 * @param bytesToBackEnd bytes of streams
 * @param bytesToClient bytes of streams
 * @param datagramsToBackEnd datagrams
 * @param datagramsToClient datagrams
 * @param datagramsLost datagrams that the system did not take
 * @param udpClients UDP clients remembered now
 * @param pipesMade pipes that exist now
 * @param pipesLent pipes that hold bytes now
 */
public record ProxyStatistics(long accepted, long open, long refused, long resets, long acceptPauses, long bytesToBackEnd,
        long bytesToClient, long datagramsToBackEnd, long datagramsToClient, long datagramsLost, long udpClients,
        int pipesMade, int pipesLent) {

    static ProxyStatistics of(Worker[] workers) {
        ProxyStatistics sum = new ProxyStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        for (Worker worker : workers) {
            sum = sum.plus(worker.counters(), worker.pipes());
        }
        return sum;
    }

    private ProxyStatistics plus(Counters more, PipePool pipes) {
        return new ProxyStatistics(accepted + more.accepted.get(), open + more.open.get(), refused + more.refused.get(),
                resets + more.resets.get(), acceptPauses + more.acceptPauses.get(),
                bytesToBackEnd + more.bytesToBackEnd.get(), bytesToClient + more.bytesToClient.get(),
                datagramsToBackEnd + more.datagramsToBackEnd.get(), datagramsToClient + more.datagramsToClient.get(),
                datagramsLost + more.datagramsLost.get(), udpClients + more.udpClients.get(),
                pipesMade + pipes.made(), pipesLent + pipes.lent());
    }
}
