package io.footbridge.control.dhcp;

import static io.footbridge.wire.BigEndian.i32;
import static io.footbridge.wire.BigEndian.i64;
import static io.footbridge.wire.BigEndian.u16;
import static io.footbridge.wire.BigEndian.u48;

import io.footbridge.wire.Dhcpv6;
import io.footbridge.wire.Ipv6Address;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/**
 * The DHCPv6 server (RFC 8415 section 18.3). A client's first association gets the endpoint's address; there are no
 * others, no temporary ones and no prefixes.
 */
public final class Dhcpv6Server {
    private static final int MAX_CLIENT_ID = 130;
    /** Associations that are answered; a container has one interface here. */
    private static final int MAX_ASSOCIATIONS = 8;
    private static final int MAX_LENGTH = 1024;
    private static final int DUID_LL = 3;
    private static final int ETHERNET = 1;
    private static final int DUID_LL_LENGTH = 10;
    private static final int RENEW_SECONDS = Lease.SECONDS / 2;
    private static final int REBIND_SECONDS = Lease.SECONDS / 5 * 4;

    private final Lease lease;
    private final MemorySegment request;
    private final long start = Dhcpv6.HEADER_LENGTH;
    private final long end;
    private final byte[] bytes = new byte[MAX_LENGTH];
    private final MemorySegment reply = MemorySegment.ofArray(bytes);
    private long at;

    private Dhcpv6Server(Lease lease, byte[] message) {
        this.lease = lease;
        this.request = MemorySegment.ofArray(message);
        this.end = message.length;
    }

    /** What is answered to a client's message, to the address it came from at port 546; empty for nothing. */
    public static Optional<byte[]> answer(Lease lease, byte[] message) {
        if (lease.ipv6().isEmpty() || lease.gateway6().isEmpty()
            || Dhcpv6.check(MemorySegment.ofArray(message), 0, message.length) < 0) {
            return Optional.empty();
        }
        return new Dhcpv6Server(lease, message).answer();
    }

    private Optional<byte[]> answer() {
        int type = Dhcpv6.messageType(request, 0);
        long client = Dhcpv6.option(request, start, end, Dhcpv6.CLIENT_ID);
        long server = Dhcpv6.option(request, start, end, Dhcpv6.SERVER_ID);
        boolean addressed = type == Dhcpv6.REQUEST || type == Dhcpv6.RENEW || type == Dhcpv6.RELEASE || type == Dhcpv6.DECLINE;
        boolean anonymous = type == Dhcpv6.INFORMATION_REQUEST;
        if (client < 0 && !anonymous || client >= 0 && Dhcpv6.optionLength(request, client) > MAX_CLIENT_ID
            || server >= 0 && !(addressed || anonymous) || server >= 0 && !isOurs(server) || server < 0 && addressed) {
            return Optional.empty();
        }
        boolean rapid = type == Dhcpv6.SOLICIT && Dhcpv6.option(request, start, end, Dhcpv6.RAPID_COMMIT) >= 0;
        Dhcpv6.messageType(reply, 0, type == Dhcpv6.SOLICIT && !rapid ? Dhcpv6.ADVERTISE : Dhcpv6.REPLY);
        Dhcpv6.transaction(reply, 0, Dhcpv6.transaction(request, 0));
        at = Dhcpv6.HEADER_LENGTH;
        identify(client);
        boolean answered = switch (type) {
            case Dhcpv6.SOLICIT, Dhcpv6.REQUEST, Dhcpv6.RENEW, Dhcpv6.REBIND -> associate();
            case Dhcpv6.CONFIRM -> confirm();
            case Dhcpv6.RELEASE, Dhcpv6.DECLINE -> {
                at = Dhcpv6.writeStatus(reply, at, Dhcpv6.SUCCESS);
                yield true;
            }
            case Dhcpv6.INFORMATION_REQUEST -> true;
            default -> false;
        };
        if (!answered) {
            return Optional.empty();
        }
        if (rapid) {
            at = Dhcpv6.writeOption(reply, at, Dhcpv6.RAPID_COMMIT, 0);
        }
        tellDnsServer();
        return Optional.of(Arrays.copyOf(bytes, (int) at));
    }

    private void identify(long client) {
        if (client >= 0) {
            int length = Dhcpv6.optionLength(request, client);
            long value = Dhcpv6.writeOption(reply, at, Dhcpv6.CLIENT_ID, length);
            MemorySegment.copy(request, Dhcpv6.value(client), reply, value, length);
            at = value + length;
        }
        long value = Dhcpv6.writeOption(reply, at, Dhcpv6.SERVER_ID, DUID_LL_LENGTH);
        u16(reply, value, DUID_LL);
        u16(reply, value + 2, ETHERNET);
        u48(reply, value + 4, lease.gatewayMac());
        at = value + DUID_LL_LENGTH;
    }

    private boolean isOurs(long server) {
        long value = Dhcpv6.value(server);
        return Dhcpv6.optionLength(request, server) == DUID_LL_LENGTH && u16(request, value) == DUID_LL
            && u16(request, value + 2) == ETHERNET && u48(request, value + 4) == lease.gatewayMac();
    }

    private void tellDnsServer() {
        Ipv6Address dns = lease.gateway6().orElseThrow();
        long value = Dhcpv6.writeOption(reply, at, Dhcpv6.DNS_SERVERS, 2 * Long.BYTES);
        i64(reply, value, dns.high());
        i64(reply, value + Long.BYTES, dns.low());
        at = value + 2 * Long.BYTES;
    }

    /** Gives the first association its address and tells the others that there is none. */
    private boolean associate() {
        boolean given = false;
        int answered = 0;
        for (long option = start; option < end && answered < MAX_ASSOCIATIONS; option = Dhcpv6.next(request, option)) {
            int code = Dhcpv6.optionCode(request, option);
            int own = code == Dhcpv6.IA_TA ? Dhcpv6.IA_TA_LENGTH : Dhcpv6.IA_NA_LENGTH;
            if (code != Dhcpv6.IA_NA && code != Dhcpv6.IA_TA && code != Dhcpv6.IA_PD
                || Dhcpv6.optionLength(request, option) < own) {
                continue;
            }
            answered++;
            boolean gives = code == Dhcpv6.IA_NA && !given;
            associate(option, code, own, gives);
            given |= gives;
        }
        return true;
    }

    private void associate(long option, int code, int own, boolean gives) {
        long written = at;
        long value = Dhcpv6.writeOption(reply, written, code, own);
        i32(reply, value, i32(request, Dhcpv6.value(option)));
        if (gives) {
            Ipv6Address address = lease.ipv6().orElseThrow();
            at = Dhcpv6.writeAssociation(reply, written, i32(request, Dhcpv6.value(option)), RENEW_SECONDS, REBIND_SECONDS);
            at = Dhcpv6.writeAddress(reply, at, address.high(), address.low(), Lease.SECONDS, Lease.SECONDS);
            withdrawOthers(option);
        } else {
            at = Dhcpv6.writeStatus(reply, value + own, code == Dhcpv6.IA_PD ? Dhcpv6.NO_PREFIXES : Dhcpv6.NO_ADDRESSES);
        }
        Dhcpv6.optionLength(reply, written, (int) (at - value));
    }

    /** An address that the client has from elsewhere is told to be over (RFC 8415 section 18.3.4); one is enough. */
    private void withdrawOthers(long association) {
        int type = Dhcpv6.messageType(request, 0);
        long other = type == Dhcpv6.RENEW || type == Dhcpv6.REBIND ? address(association, false) : -1;
        if (other >= 0) {
            long value = Dhcpv6.value(other);
            at = Dhcpv6.writeAddress(reply, at, i64(request, value), i64(request, value + Long.BYTES), 0, 0);
        }
    }

    private boolean confirm() {
        boolean any = false;
        boolean all = true;
        for (long option = start; option < end; option = Dhcpv6.next(request, option)) {
            if (Dhcpv6.optionCode(request, option) == Dhcpv6.IA_NA
                && Dhcpv6.optionLength(request, option) >= Dhcpv6.IA_NA_LENGTH) {
                boolean other = address(option, false) >= 0;
                any |= other || address(option, true) >= 0;
                all &= !other;
            }
        }
        at = Dhcpv6.writeStatus(reply, at, all ? Dhcpv6.SUCCESS : Dhcpv6.NOT_ON_LINK);
        return any;
    }

    /** The first address within an association that is the endpoint's, or that is not; -1 where there is none. */
    private long address(long association, boolean endpoints) {
        long from = Dhcpv6.value(association) + Dhcpv6.IA_NA_LENGTH;
        long to = Dhcpv6.next(request, association);
        if (!Dhcpv6.checkOptions(request, from, to)) {
            return -1;
        }
        Ipv6Address own = lease.ipv6().orElseThrow();
        for (long option = from; option < to; option = Dhcpv6.next(request, option)) {
            long value = Dhcpv6.value(option);
            if (Dhcpv6.optionCode(request, option) == Dhcpv6.IA_ADDRESS
                && Dhcpv6.optionLength(request, option) >= Dhcpv6.ADDRESS_LENGTH
                && (i64(request, value) == own.high() && i64(request, value + Long.BYTES) == own.low()) == endpoints) {
                return option;
            }
        }
        return -1;
    }
}
