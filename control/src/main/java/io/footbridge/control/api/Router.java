package io.footbridge.control.api;

import io.footbridge.control.config.DocumentReader;
import io.footbridge.control.config.EndpointReader;
import io.footbridge.control.config.Fields;
import io.footbridge.control.config.NetworkReader;
import io.footbridge.control.model.EndpointSpec;
import io.footbridge.control.model.EndpointTarget;
import io.footbridge.control.model.NetworkSpec;
import io.footbridge.control.model.PublishSpec;
import io.footbridge.control.model.Quoted;
import io.footbridge.control.model.RefusedException;
import io.footbridge.control.model.RelayRequest;
import io.footbridge.control.network.ControlService;
import io.footbridge.control.network.EndpointView;
import io.footbridge.control.network.PublishedView;
import io.footbridge.dataplane.FdbEntry;
import io.footbridge.wire.MacAddress;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which request means what.
 *
 * <pre>
 * GET                /v1/version
 * GET POST           /v1/networks
 * GET PATCH DELETE   /v1/networks/NET
 * POST               /v1/networks/NET/endpoints          with Upgrade: footbridge-descriptor, see DescriptorUpgrade
 * PATCH DELETE       /v1/networks/NET/endpoints/NAME
 * GET                /v1/networks/NET/fdb                and /v1/fdb for all networks; so the next two
 * GET                /v1/networks/NET/neighbours
 * GET                /v1/networks/NET/statistics
 * GET                /v1/networks/NET/ports              and /v1/ports
 * GET                /v1/networks/NET/nat                and /v1/nat
 * GET DELETE         /v1/networks/NET/flows              and /v1/flows; a line of JSON for each
 * GET                /v1/flow-statistics
 * GET PUT DELETE     /v1/networks/NET/fdb/MAC
 * POST               /v1/networks/NET/ports
 * DELETE             /v1/networks/NET/ports/SPEC
 * GET                /v1/networks/NET/capture?endpoint=NAME&amp;count=N
 * </pre>
 */
final class Router {
    private static final String VERSION = "v1";

    private final ControlService service;
    private final String programVersion;

    Router(ControlService service, String programVersion) {
        this.service = service;
        this.programVersion = programVersion;
    }

    ApiAnswer answer(ApiRequest request) throws RefusedException {
        List<String> path = request.path();
        if (path.size() < 2 || !path.getFirst().equals(VERSION)) {
            throw notFound(request);
        }
        if (!path.get(1).equals("networks")) {
            return path.size() == 2 ? ofAllNetworks(request, path.get(1)) : refuse(request);
        }
        return switch (path.size()) {
            case 2 -> networks(request);
            case 3 -> network(request, path.get(2));
            case 4 -> partOfNetwork(request, path.get(2), path.get(3));
            case 5 -> memberOfNetwork(request, path.get(2), path.get(3), path.get(4));
            default -> refuse(request);
        };
    }

    ControlService service() {
        return service;
    }

    /** The network and endpoint of a request that brings a descriptor. */
    DescriptorRequest descriptorRequest(ApiRequest request) throws RefusedException {
        List<String> path = request.path();
        boolean fits = request.is(HttpMethod.POST) && path.size() == 4 && path.getFirst().equals(VERSION)
            && path.get(1).equals("networks") && path.get(3).equals("endpoints");
        if (!fits) {
            throw notFound(request);
        }
        service.network(path.get(2));
        Fields fields = body(request);
        return new DescriptorRequest(path.get(2), EndpointReader.readForDescriptor(fields.text("name", "a name"), fields));
    }

    /**
     * An endpoint whose descriptor is to come.
     *
     * @param network the network's name
     * @param spec the endpoint
     */
    record DescriptorRequest(String network, EndpointSpec spec) {
    }

    private ApiAnswer ofAllNetworks(ApiRequest request, String what) throws RefusedException {
        if (what.equals("version") && request.is(HttpMethod.GET)) {
            return ApiAnswer.Document.ok(Map.of("version", programVersion));
        }
        if (what.equals("flow-statistics") && request.is(HttpMethod.GET)) {
            return ApiAnswer.Document.ok(FlowDocuments.statistics(service.flowStatistics()));
        }
        return listing(request, Optional.empty(), what);
    }

    private ApiAnswer listing(ApiRequest request, Optional<String> network, String what) throws RefusedException {
        if (what.equals("flows") && request.is(HttpMethod.DELETE)) {
            return ApiAnswer.Document.ok(Map.of("flushed", service.flushFlows(network)));
        }
        if (!request.is(HttpMethod.GET)) {
            return refuse(request);
        }
        return switch (what) {
            case "fdb" -> ApiAnswer.Document.ok(service.fdb(network).stream().map(Documents::fdb).toList());
            case "neighbours" -> ApiAnswer.Document.ok(service.neighbours(network).stream().map(Documents::neighbour).toList());
            case "statistics" -> ApiAnswer.Document.ok(service.statistics(network).stream().map(Documents::statistics).toList());
            case "ports" -> ApiAnswer.Document.ok(service.published(network).stream().map(FlowDocuments::binding).toList());
            case "nat" -> ApiAnswer.Document.ok(service.natRules(network).stream().map(FlowDocuments::rule).toList());
            case "flows" -> new ApiAnswer.Stream(new StreamedBody.Flows(service.flows(network)));
            default -> refuse(request);
        };
    }

    private ApiAnswer networks(ApiRequest request) throws RefusedException {
        if (request.is(HttpMethod.GET)) {
            return ApiAnswer.Document.ok(service.networks().stream().map(Documents::network).toList());
        }
        if (request.is(HttpMethod.POST)) {
            Fields fields = body(request);
            String name = fields.text("name", "a name").orElseThrow(() -> fields.refused("name is missing"));
            NetworkSpec spec = NetworkReader.read(name, fields);
            return new ApiAnswer.Document(HttpResponseStatus.CREATED, Documents.network(service.create(spec)));
        }
        return refuse(request);
    }

    private ApiAnswer network(ApiRequest request, String name) throws RefusedException {
        return switch (request.method().name()) {
            case "GET" -> ApiAnswer.Document.ok(Documents.network(service.network(name)));
            case "PATCH" -> ApiAnswer.Document.ok(Documents.network(service.set(name, body(request).remaining())));
            case "DELETE" -> {
                service.remove(name);
                yield new ApiAnswer.Done();
            }
            default -> refuse(request);
        };
    }

    private ApiAnswer partOfNetwork(ApiRequest request, String network, String part) throws RefusedException {
        if (part.equals("endpoints") && request.is(HttpMethod.POST)) {
            Fields fields = body(request);
            boolean followed = fields.value("command", "true or false", Router::truth).orElse(false);
            EndpointSpec spec = EndpointReader.read(fields.text("name", "a name"), fields);
            return new ApiAnswer.Document(HttpResponseStatus.CREATED, Documents.endpoint(attach(network, spec, followed)));
        }
        if (part.equals("capture") && request.is(HttpMethod.GET)) {
            long count = count(request.parameter("count").orElse("0"));
            return new ApiAnswer.Stream(new StreamedBody.Frames(service.capture(network, request.parameter("endpoint")), count));
        }
        if (part.equals("ports") && request.is(HttpMethod.POST)) {
            return publish(network, body(request));
        }
        return listing(request, Optional.of(network), part);
    }

    private EndpointView attach(String network, EndpointSpec spec, boolean followed) throws RefusedException {
        EndpointView endpoint = service.attach(network, spec);
        if (followed && spec.target() instanceof EndpointTarget.Process(int pid)) {
            service.follow(network, endpoint.name(), pid);
        }
        return endpoint;
    }

    private ApiAnswer memberOfNetwork(ApiRequest request, String network, String part, String member) throws RefusedException {
        return switch (part + " " + request.method()) {
            case "endpoints PATCH" ->
                ApiAnswer.Document.ok(Documents.endpoint(service.setEndpoint(network, member, body(request).remaining())));
            case "endpoints DELETE" -> {
                service.detach(network, member);
                yield new ApiAnswer.Done();
            }
            case "ports DELETE" -> {
                service.unpublish(network, member);
                yield new ApiAnswer.Done();
            }
            case "fdb GET" -> ApiAnswer.Document.ok(List.of(Documents.fdb(service.fdbEntry(network, mac(member)))));
            case "fdb PUT" -> {
                addFdb(network, mac(member), body(request));
                yield new ApiAnswer.Done();
            }
            case "fdb DELETE" -> {
                service.removeFdb(network, mac(member));
                yield new ApiAnswer.Done();
            }
            default -> refuse(request);
        };
    }

    private ApiAnswer publish(String network, Fields fields) throws RefusedException {
        String spec = fields.text("spec", "a SPEC such as 8080:80").orElseThrow(() -> fields.refused("spec is missing"));
        String endpoint = fields.text("endpoint", "an endpoint's name").orElseThrow(() -> fields.refused("endpoint is missing"));
        Optional<RelayRequest> relay = fields.value("relay", "the proxy protocol v1, v2, or none", Router::relay);
        fields.refuseOthers();
        PublishedView published = relay.isPresent() ? service.relay(network, spec(spec), relay.get(), endpoint)
            : service.publish(network, spec(spec), endpoint);
        return new ApiAnswer.Document(HttpResponseStatus.CREATED, FlowDocuments.published(published));
    }

    private static RelayRequest relay(String header) {
        return RelayRequest.of(Optional.of(header).filter(name -> !name.equals("none")));
    }

    /** A mistake is said as docker says it, without the name of a member in front. */
    private static PublishSpec spec(String text) throws RefusedException {
        try {
            return PublishSpec.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw RefusedException.invalid(wrong.getMessage());
        }
    }

    private void addFdb(String network, long mac, Fields fields) throws RefusedException {
        String endpoint = fields.text("endpoint", "an endpoint's name").orElseThrow(() -> fields.refused("endpoint is missing"));
        boolean sticky = fields.value("sticky", "true or false", Router::truth).orElse(false);
        FdbEntry.Kind kind = fields.value("state", "permanent or static", Router::kind)
            .orElse(sticky ? FdbEntry.Kind.STATIC : FdbEntry.Kind.PERMANENT);
        fields.refuseOthers();
        service.addFdb(network, mac, endpoint, kind, sticky);
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("expected true or false, got " + Quoted.of(text));
        };
    }

    private static FdbEntry.Kind kind(String text) {
        return switch (text) {
            case "permanent" -> FdbEntry.Kind.PERMANENT;
            case "static" -> FdbEntry.Kind.STATIC;
            default -> throw new IllegalArgumentException("expected permanent or static, got " + Quoted.of(text));
        };
    }

    private static long mac(String text) throws RefusedException {
        try {
            return MacAddress.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw RefusedException.invalid("Invalid mac address " + Quoted.of(text).replace("'", ""));
        }
    }

    private static long count(String text) throws RefusedException {
        try {
            long count = Long.parseLong(text);
            if (count >= 0) {
                return count;
            }
        } catch (NumberFormatException malformed) {
            // said below
        }
        throw RefusedException.invalid("count: expected a whole number, got " + Quoted.of(text));
    }

    private static Fields body(ApiRequest request) throws RefusedException {
        return Fields.of(DocumentReader.json(request.body()));
    }

    private static ApiAnswer refuse(ApiRequest request) throws RefusedException {
        throw notFound(request);
    }

    private static RefusedException notFound(ApiRequest request) {
        return RefusedException.notFound(
            "no such request: " + request.method() + " " + Quoted.of("/" + String.join("/", request.path())));
    }
}
