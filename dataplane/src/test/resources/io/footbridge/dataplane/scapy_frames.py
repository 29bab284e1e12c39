"""Makes frames and judges frames with scapy, for tests in Java (see ScapyFrames).

A request is a line on stdin, its answer a line on stdout. Fields are separated by tabs:

    build EXPRESSION  ->  ok FRAME...           EXPRESSION is a packet of scapy's, or a list of them
    judge FRAME       ->  ok NAME=VALUE...      fields as scapy reads them, and `fault=` for whatever is wrong
    anything wrong    ->  error TEXT

A FRAME is in hexadecimal, the virtio-net header's ten bytes first. Only a few layers are loaded, so that what stands
behind UDP and TCP stays what it is: bytes.
"""

import logging
import random
import struct
import sys

logging.getLogger("scapy").setLevel(logging.ERROR)

from scapy.layers.inet import (  # noqa: E402
    ICMP, IP, TCP, UDP, ICMPerror, IPerror, IPOption_LSRR, IPOption_NOP, IPOption_RR, IPOption_SSRR, TCPerror, UDPerror,
    fragment, in4_chksum, in4_pseudoheader)
from scapy.layers.inet6 import (  # noqa: E402
    ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6PacketTooBig, ICMPv6TimeExceeded, IPerror6, IPv6,
    IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrRouting, PseudoIPv6, fragment6, in6_chksum)
from scapy.layers.l2 import ARP, GRE, Dot1Q, Ether  # noqa: E402
from scapy.packet import NoPayload, Padding, Raw, fuzz  # noqa: E402
from scapy.utils import checksum  # noqa: E402

TRANSPORT = {6: (TCP, 16), 17: (UDP, 6)}
NEEDS_CSUM = 1
GSO = {(4, 6): 1, (6, 6): 4, (4, 17): 5, (6, 17): 5}
ICMP_ERRORS = (3, 4, 5, 11, 12)


class Offload:
    """A packet as a kernel hands it over: with a partial checksum, and of many segments if `gso` is not 0."""

    def __init__(self, packet, gso=0):
        self.packet, self.gso = packet, gso

    def frame(self):
        packet = Ether(bytes(self.packet))
        network = packet[IP] if IP in packet else packet[IPv6]
        protocol = network.proto if IP in packet else network.nh
        layer, field = TRANSPORT[protocol]
        whole = bytearray(bytes(packet))
        start = len(whole) - len(packet[layer])
        struct.pack_into("!H", whole, start + field, partial(network, protocol, len(packet[layer])))
        header = len(packet[layer]) - len(packet[layer].payload)
        gso_type = GSO[(network.version, protocol)] if self.gso else 0
        return struct.pack("<BBHHHH", NEEDS_CSUM, gso_type, start + header, self.gso, start, field) + bytes(whole)


def pseudo_header(network, protocol, length):
    if network.version == 4:
        return in4_pseudoheader(protocol, network, length)
    return bytes(PseudoIPv6(src=network.src, dst=network.dst, uplen=length, nh=protocol))


def partial(network, protocol, length):
    """What a checksum field holds that is still to be completed: the pseudo header's sum, not complemented."""
    return checksum(pseudo_header(network, protocol, length)) ^ 0xFFFF


def build(expression):
    made = eval(expression, globals())  # the tests' own text, and nothing but a test ever runs this
    frames = made if isinstance(made, (list, tuple)) or hasattr(made, "res") else [made]
    return [frame.frame().hex() if isinstance(frame, Offload) else (bytes(10) + bytes(frame)).hex() for frame in frames]


def seeded(seed, make):
    """What `make` makes out of random numbers, the same each time."""
    random.seed(seed)
    return [Raw(bytes(packet)) for packet in make()]


def text(value):
    if isinstance(value, bytes):
        return value.hex()
    return str(value).replace("\t", " ").replace("\n", " ")


def fields(packet):
    layer = packet
    while layer is not None and not isinstance(layer, NoPayload):
        for field in layer.fields_desc:
            value = getattr(layer, field.name, None)
            if value is not None:
                yield f"{type(layer).__name__}.{field.name}={text(value)}"
        layer = layer.payload


def transport_fault(network, layer, protocol, data, unfinished):
    """The name of the checksum that is wrong in a whole transport packet, or None."""
    if protocol == 1 and network.version == 4:
        return "ICMP.chksum" if checksum(data) else None
    if protocol == 58 and network.version == 6:
        return "ICMPv6.cksum" if in6_chksum(58, layer, data) else None
    if protocol not in TRANSPORT:
        return None
    field = TRANSPORT[protocol][1]
    name = TRANSPORT[protocol][0].__name__
    if len(data) < field + 2:
        return name + ".length"
    held = struct.unpack_from("!H", data, field)[0]
    if unfinished:
        return None if held == partial(network, protocol, len(data)) else name + ".partial"
    if protocol == 17 and held == 0:
        return None if network.version == 4 else "UDP.absent"
    found = in4_chksum(protocol, network, data) if network.version == 4 else in6_chksum(protocol, layer, data)
    return name + ".chksum" if found not in (0, 0xFFFF) else None


def last_header(network):
    layer = network.payload
    while type(layer).__name__.startswith("IPv6ExtHdr"):
        layer = layer.payload
    return layer


def network_faults(network, whole, unfinished, quoted):
    """What is wrong in an IP packet, given its bytes; a quoted one may be cut off."""
    mark = "quoted " if quoted else ""
    if network.version == 4:
        header = 4 * network.ihl
        if checksum(whole[:header]):
            yield mark + "IP.chksum"
        if network.frag or network.flags.MF or network.len > len(whole):
            if network.len > len(whole) and not quoted:
                yield mark + "IP.len"
            return
        data, protocol, layer = whole[header:network.len], network.proto, network.payload
    else:
        if network.plen + 40 > len(whole):
            if not quoted:
                yield mark + "IPv6.plen"
            return
        if IPv6ExtHdrFragment in network:
            return
        layer = last_header(network)
        above = len(network) - len(layer)
        previous = layer.underlayer
        protocol = previous.nh if previous is not None else network.nh
        data = whole[above:network.plen + 40]
    fault = transport_fault(network, layer, protocol, data, unfinished)
    if fault:
        yield mark + fault
    quote = None
    if protocol == 1 and network.version == 4 and data[0] in ICMP_ERRORS and len(data) >= 28:
        quote = IP(data[8:])
    elif protocol == 58 and network.version == 6 and data[0] < 128 and len(data) >= 48:
        quote = IPv6(data[8:])
    if quote is not None and not quoted:
        yield from network_faults(quote, data[8:], False, True)


def judge(text_of_frame):
    frame = bytes.fromhex(text_of_frame)
    flags, gso_type, _, gso_size, start, offset = struct.unpack_from("<BBHHHH", frame)
    whole = frame[10:]
    packet = Ether(whole)
    found = [f"Virtio.flags={flags}", f"Virtio.gso_type={gso_type}", f"Virtio.gso_size={gso_size}"]
    found += fields(packet)
    for kind in (IP, IPv6):
        if packet.haslayer(kind) and type(packet.payload) is kind:
            network = packet[kind]
            above = 14
            found += ["fault=" + fault for fault in
                      network_faults(network, whole[above:], bool(flags & NEEDS_CSUM), False)]
            if flags & NEEDS_CSUM and start + offset + 2 > len(whole):
                found.append("fault=Virtio.csum_start")
    return found


def main():
    verbs = {"build": build, "judge": judge}
    for line in sys.stdin:
        verb, _, rest = line.rstrip("\n").partition("\t")
        try:
            answer = ["ok", *verbs[verb](rest)]
        except Exception as failed:  # whatever it is, the test is told
            answer = ["error", f"{type(failed).__name__}: {text(failed)}"]
        print("\t".join(answer), flush=True)


if __name__ == "__main__":
    main()
