package io.footbridge.bench.result;

import java.util.Map;
import java.util.Optional;

/**
 * One workload over one mode in one round.
 *
 * @param round from 0
 * @param value in the unit of the workload
 * @param busyCores busy time of the whole machine, less its idle baseline, by the time that passed
 * @param stealCores time that the hypervisor gave to other guests, likewise
 * @param dataPlaneCores processor time of the data plane's own processes, likewise; empty where the kernel is the data plane
 * @param details more figures by name
 */
public record Sample(int round, double value, double busyCores, double stealCores, Optional<Double> dataPlaneCores,
        Map<String, Double> details) {
}
