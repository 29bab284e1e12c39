package io.footbridge.proxy;

import io.footbridge.tap.Errno;
import io.footbridge.tap.FileCalls;
import io.footbridge.tap.Sockaddr;
import io.footbridge.tap.SocketCalls;
import io.footbridge.tap.SystemCallException;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A UDP port and its clients, each with a socket of its own to the back end, so that the kernel says whose a reply is.
 * Clients stand in a list by their last datagram: the silent ones are forgotten from its head, one by one as their time
 * comes, and the first of them makes room when there are too many. One worker serves the port and all its clients.
 *
 * <p>A datagram that the system does not take is lost, as on any network. An error that ICMP left on a socket is read
 * and passed over: it is about a datagram long gone.
 */
final class UdpRelay implements Relay, EpollIoHandle {
    private static final int BATCHES_AT_ONCE = 16;

    private final Worker worker;
    private final BackEndSockets sockets;
    private final BackEnd backEnd;
    private final int descriptor;
    private final FileDescriptor handle;
    private final InetSocketAddress address;
    private final long idleNanos;
    private final Map<UdpClientKey, UdpClient> clients = new HashMap<>();
    private final UdpClientKey probe = new UdpClientKey();
    private final UdpClient[] owners = new UdpClient[DatagramBatch.SLOTS];
    private final AtomicBoolean closed = new AtomicBoolean();
    private IoRegistration registration;
    private UdpClient oldest;
    private UdpClient newest;
    private boolean expiryAhead;

    UdpRelay(Worker worker, BackEndSockets sockets, BackEnd backEnd, int descriptor, InetSocketAddress address) {
        this.worker = worker;
        this.sockets = sockets;
        this.backEnd = backEnd;
        this.descriptor = descriptor;
        this.handle = new FileDescriptor(descriptor);
        this.address = address;
        this.idleNanos = worker.settings().udpIdle().toNanos();
    }

    /** Begins to receive; on the worker's thread. */
    void start() throws SystemCallException {
        registration = worker.watch(this, Worker.ARRIVALS);
        if (registration == null) {
            throw new SystemCallException("watch " + address, Errno.ENOSPC.number(), "raise fs.epoll.max_user_watches");
        }
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public FileDescriptor fd() {
        return handle;
    }

    @Override
    public void handle(IoRegistration source, IoEvent event) {
        DatagramBatch batch = worker.datagrams();
        for (int i = 0; i < BATCHES_AT_ONCE; i++) {
            int count = batch.receiveFromAnyone(worker.state(), descriptor);
            if (count < 0) {
                if (Errno.EAGAIN.is(count) || closed.get()) {
                    return;
                }
                continue;
            }
            requests(batch, count);
            if (count < DatagramBatch.SLOTS) {
                return;
            }
        }
        registration.submit(Worker.ARRIVALS);
    }

    private void requests(DatagramBatch batch, int count) {
        long now = System.nanoTime();
        for (int slot = 0; slot < count; slot++) {
            owners[slot] = clientOf(batch.name(slot), batch.control(slot), now);
        }
        for (int slot = 0; slot < count;) {
            UdpClient client = owners[slot];
            int end = slot + 1;
            while (end < count && owners[end] == client) {
                end++;
            }
            if (client == null || client.isClosed()) {
                worker.counters().datagramsLost.add(end - slot);
            } else if (!client.isOpen()) {
                keep(client, batch, slot, end);
            } else {
                for (int i = slot; i < end; i++) {
                    batch.readdress(i, MemorySegment.NULL, MemorySegment.NULL);
                }
                long sent = send(batch, client.descriptor(), slot, end);
                worker.counters().datagramsToBackEnd.add(sent);
                worker.counters().datagramsLost.add(end - slot - sent);
            }
            slot = end;
        }
    }

    private void keep(UdpClient client, DatagramBatch batch, int slot, int end) {
        for (int i = slot; i < end; i++) {
            boolean kept = client.keep(batch.data(i));
            (kept ? worker.counters().datagramsToBackEnd : worker.counters().datagramsLost).add(1);
        }
    }

    /** What has arrived from the back end for a client. */
    void replies(UdpClient client) {
        DatagramBatch batch = worker.datagrams();
        for (int i = 0; i < BATCHES_AT_ONCE; i++) {
            int count = batch.receive(worker.state(), client.descriptor());
            if (count < 0) {
                if (Errno.EAGAIN.is(count)) {
                    return;
                }
                // An earlier datagram was refused; reading the error has cleared it.
                continue;
            }
            for (int slot = 0; slot < count; slot++) {
                batch.readdress(slot, client.name(), client.reply());
            }
            touch(client, System.nanoTime());
            long sent = send(batch, descriptor, 0, count);
            worker.counters().datagramsToClient.add(sent);
            worker.counters().datagramsLost.add(count - sent);
            if (count < DatagramBatch.SLOTS) {
                return;
            }
        }
        client.lookAgain();
    }

    /** Sends slots one after another as far as the system takes them; how many it took. */
    private int send(DatagramBatch batch, int socket, int start, int end) {
        int taken = 0;
        boolean again = true;
        for (int slot = start; slot < end;) {
            int sent = batch.send(worker.state(), socket, slot, end - slot);
            if (sent > 0) {
                taken += sent;
                slot += sent;
                again = true;
            } else if (Errno.EAGAIN.is(sent)) {
                break;
            } else if (Errno.ECONNREFUSED.is(sent) && again) {
                // The answer to an earlier datagram; this one has not been tried.
                again = false;
            } else {
                slot++;
                again = true;
            }
        }
        return taken;
    }

    /** The client that a datagram is from, made if need be; null where the system has no socket for it. */
    private UdpClient clientOf(MemorySegment name, MemorySegment control, long now) {
        UdpClient client = clients.get(probe.read(name, control));
        if (client != null) {
            touch(client, now);
            return client;
        }
        if (clients.size() >= worker.settings().udpClients()) {
            forget(oldest);
        }
        int length = Sockaddr.family(name) == SocketCalls.AF_INET6 ? Sockaddr.LENGTH_INET6 : Sockaddr.LENGTH_INET;
        UdpClient fresh = new UdpClient(this, probe.copy(), name.asSlice(0, length), control);
        clients.put(fresh.key, fresh);
        worker.counters().udpClients.add(1);
        fresh.lastActive = now;
        append(fresh);
        expireLater(idleNanos);
        sockets.open(backEnd, SocketCalls.SOCK_DGRAM, worker, socket -> open(fresh, socket));
        return fresh.isClosed() ? null : fresh;
    }

    private void open(UdpClient client, int socket) {
        if (client.isClosed()) {
            if (socket >= 0) {
                FileCalls.close(worker.state(), socket);
            }
            return;
        }
        if (socket < 0) {
            boolean another = Errno.isExhausted(socket) && oldest != client;
            forget(another ? oldest : client);
            if (another) {
                sockets.open(backEnd, SocketCalls.SOCK_DGRAM, worker, retried -> open(client, retried));
            }
            return;
        }
        int result;
        try (Arena arena = Arena.ofConfined()) {
            result = SocketCalls.connect(worker.state(), socket, Sockaddr.of(arena, backEnd.address(), backEnd.port()));
        }
        if (result < 0) {
            FileCalls.close(worker.state(), socket);
            forget(client);
            return;
        }
        if (!client.open(worker, socket)) {
            forget(client);
            return;
        }
        worker.counters().datagramsLost.add(client.sendWaiting(worker.state(), worker.scratchDatagram()));
    }

    private void touch(UdpClient client, long now) {
        client.lastActive = now;
        if (client != newest) {
            unlink(client);
            append(client);
        }
    }

    private void append(UdpClient client) {
        client.older = newest;
        client.newer = null;
        if (newest == null) {
            oldest = client;
        } else {
            newest.newer = client;
        }
        newest = client;
    }

    private void unlink(UdpClient client) {
        if (client.older == null) {
            oldest = client.newer;
        } else {
            client.older.newer = client.newer;
        }
        if (client.newer == null) {
            newest = client.older;
        } else {
            client.newer.older = client.older;
        }
    }

    /** Closes a client's socket and remembers it no longer. */
    void forget(UdpClient client) {
        if (client.isClosed()) {
            return;
        }
        unlink(client);
        clients.remove(client.key);
        client.end(worker.state());
        worker.counters().udpClients.add(-1);
    }

    private void expireLater(long delay) {
        if (!expiryAhead) {
            expiryAhead = true;
            worker.loop().schedule(this::expire, delay, TimeUnit.NANOSECONDS);
        }
    }

    private void expire() {
        expiryAhead = false;
        long now = System.nanoTime();
        while (oldest != null && now - oldest.lastActive >= idleNanos) {
            forget(oldest);
        }
        if (oldest != null) {
            expireLater(oldest.lastActive + idleNanos - now);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            Worker.onEach(new Worker[] {worker}, this::close);
        }
    }

    private void close(Worker own) {
        if (registration != null) {
            registration.cancel();
        }
        FileCalls.close(own.state(), descriptor);
        while (oldest != null) {
            forget(oldest);
        }
    }
}
