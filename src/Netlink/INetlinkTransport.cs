namespace Netlink;

/// <summary>Datagrams to and from the kernel: the seam at which tests put a script in its place.</summary>
public interface INetlinkTransport : IDisposable
{
    /// <summary>The address that answers to this socket carry (nl_pid).</summary>
    uint PortId { get; }

    /// <summary>Sends one datagram.</summary>
    /// <exception cref="Linux.LinuxException">It could not be sent.</exception>
    void Send(ReadOnlySpan<byte> datagram);

    /// <summary>Waits for one datagram and returns all of it; valid until the next call.</summary>
    /// <exception cref="Linux.LinuxException">ENOBUFS: the kernel had to drop messages.</exception>
    ReadOnlySpan<byte> Receive();

    /// <summary>Waits until a datagram is there; false if none came in time.</summary>
    bool WaitReadable(TimeSpan timeout);

    /// <summary>Makes room for a datagram of that size and for as many acknowledgements (SO_SNDBUFFORCE, SO_RCVBUFFORCE).</summary>
    /// <exception cref="Linux.LinuxException">Not permitted.</exception>
    void GrowBuffers(int sendBytes, int receiveBytes);

    /// <summary>Receives notifications of a group (RTNLGRP_*, NETLINK_ADD_MEMBERSHIP).</summary>
    /// <exception cref="Linux.LinuxException">The protocol has no such group.</exception>
    void Join(int group);
}
