namespace Netlink;

/// <summary>
/// Datagrams to and from the kernel (<see cref="KernelTransport"/>): the seam at which tests put a script in its place
/// (ScriptedTransport in Netlink.Testing).
/// </summary>
public interface INetlinkTransport : IDisposable
{
    /// <summary>The address that answers to this socket carry (nl_pid).</summary>
    uint PortId { get; }

    /// <summary>Bytes of answers that the kernel keeps until they are read, its own bookkeeping included (SO_RCVBUF).</summary>
    int ReceiveBuffer { get; }

    /// <summary>Sends one datagram.</summary>
    /// <exception cref="Linux.LinuxException">It could not be sent; EMSGSIZE: it is larger than this process may send at once.</exception>
    void Send(ReadOnlySpan<byte> datagram);

    /// <summary>Waits for one datagram of the kernel's and returns all of it; valid until the next call.</summary>
    /// <exception cref="Linux.LinuxException">ENOBUFS: the kernel had to drop messages. ETIMEDOUT: none came in time.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, and nothing had come.</exception>
    ReadOnlySpan<byte> Receive(TimeSpan timeout, CancellationToken cancellation = default);

    /// <summary>Makes the kernel keep that many bytes of answers, as far as it is permitted.</summary>
    void GrowReceiveBuffer(int bytes);

    /// <summary>Receives notifications of a group (RTNLGRP_*, NETLINK_ADD_MEMBERSHIP).</summary>
    /// <exception cref="Linux.LinuxException">The protocol has no such group.</exception>
    void Join(int group);

    /// <summary>Puts a new socket of the same network namespace in the place of one that lost answers.</summary>
    /// <exception cref="Linux.LinuxException">It cannot be opened.</exception>
    void Renew();
}
