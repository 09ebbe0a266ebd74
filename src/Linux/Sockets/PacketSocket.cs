using System.Buffers.Binary;
using Linux.Addresses;
using Linux.Files;
using Linux.Processes;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Linux.Sockets;

/// <summary>
/// Sends and receives IPv4 packets on one interface past the kernel's own IP (packet(7), SOCK_DGRAM): for who has no address yet. Only
/// unfragmented UDP packets to one port arrive, since everything else is filtered in the kernel.
/// </summary>
public sealed class PacketSocket : IDisposable
{
    private const ushort ETH_P_IP = 0x0800;
    private const int SO_ATTACH_FILTER = 26;

    // struct sockaddr_ll, linux/if_packet.h: family 2, protocol 2 (big-endian), ifindex 4, hatype 2, pkttype 1, halen 1, addr 8.
    private const int AddressSize = 20;
    private const int HardwareLengthOffset = 11;
    private const int HardwareAddressOffset = 12;

    private readonly int _interface;

    private PacketSocket(FileDescriptor socket, int index) => (File, _interface) = (socket, index);

    /// <summary>Readable when a packet is there.</summary>
    public FileDescriptor File { get; }

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="udpPort">The destination port of the packets that arrive.</param>
    /// <exception cref="LinuxException">ENODEV: no such interface; EPERM: CAP_NET_RAW is missing.</exception>
    public static PacketSocket Open(int index, ushort udpPort)
    {
        // Bound to no protocol yet: nothing arrives before the filter stands.
        int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
            throw new LinuxException(SystemCall.LastError, "open packet socket");
        FileDescriptor owned = FileDescriptor.Own(fd);
        try
        {
            AttachFilter(owned, udpPort);
            Bind(owned, index);
            return new PacketSocket(owned, index);
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    /// <summary>Sends an IPv4 packet, header included, in a frame to a station.</summary>
    /// <exception cref="LinuxException">ENETDOWN: the interface is down; ENXIO, ENODEV: it is gone.</exception>
    public unsafe void Send(ReadOnlySpan<byte> packet, MacAddress destination)
    {
        Span<byte> address = stackalloc byte[AddressSize];
        WriteAddress(address, _interface);
        address[HardwareLengthOffset] = MacAddress.Size;
        destination.CopyTo(address[HardwareAddressOffset..]);
        fixed (byte* pointer = packet, to = address)
        {
            while ((long)sendto(File.Number, pointer, packet.Length, 0, (sockaddr*)to, (socklen_t)(uint)AddressSize) < 0)
                SystemCall.ThrowUnlessInterrupted($"send packet on link {_interface}");
        }
    }

    /// <summary>Takes a packet that has arrived; false if there is none.</summary>
    /// <param name="buffer">Receives it, cut to its length.</param>
    /// <param name="length">Its length, at most the buffer's.</param>
    /// <param name="source">The station that sent the frame.</param>
    /// <exception cref="LinuxException">ENETDOWN: the interface went down; others as recvfrom(2) says.</exception>
    public unsafe bool TryReceive(Span<byte> buffer, out int length, out MacAddress source)
    {
        Span<byte> address = stackalloc byte[AddressSize];
        fixed (byte* pointer = buffer, from = address)
        {
            while (true)
            {
                socklen_t size = (uint)AddressSize;
                length = (int)(long)recvfrom(File.Number, pointer, buffer.Length, 0, (sockaddr*)from, &size);
                source = length >= 0 ? new MacAddress(address.Slice(HardwareAddressOffset, MacAddress.Size)) : default;
                if (length >= 0)
                    return true;
                if (SystemCall.LastError == Errno.EAGAIN)
                    return false;
                SystemCall.ThrowUnlessInterrupted($"receive packet on link {_interface}");
            }
        }
    }

    /// <summary>Whoever closes such a socket waits for a grace period, 10 ms and more (packet_release, net/packet/af_packet.c).</summary>
    public void Dispose() => BackgroundClose.Close(File);

    private static void WriteAddress(Span<byte> address, int index)
    {
        _ = BitConverter.TryWriteBytes(address, (ushort)AF_PACKET);
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], ETH_P_IP);
        _ = BitConverter.TryWriteBytes(address[4..], index);
    }

    private static unsafe void Bind(FileDescriptor socket, int index)
    {
        Span<byte> address = stackalloc byte[AddressSize];
        WriteAddress(address, index);
        fixed (byte* pointer = address)
        {
            if (bind(socket.Number, (sockaddr*)pointer, (socklen_t)(uint)AddressSize) != 0)
                throw new LinuxException(SystemCall.LastError, $"bind packet socket to link {index}");
        }
    }

    /// <summary>
    /// A classic BPF program (linux/filter.h) over the IPv4 header: protocol at 9 is UDP, fragment offset at 6 is 0, destination port 2
    /// behind the header is the one.
    /// </summary>
    private static unsafe void AttachFilter(FileDescriptor socket, ushort udpPort)
    {
        const ushort LoadByte = 0x30,
            LoadHalf = 0x28,
            LoadHalfIndexed = 0x48,
            LoadHeaderLength = 0xb1,
            JumpEqual = 0x15,
            JumpSet = 0x45,
            Return = 0x06;
        const uint UDP = 17, FragmentOffset = 0x1fff, Whole = uint.MaxValue;
        FilterStep* steps = stackalloc FilterStep[]
        {
            new(LoadByte, 9),
            new(JumpEqual, UDP, 0, 6),
            new(LoadHalf, 6),
            new(JumpSet, FragmentOffset, 4, 0),
            new(LoadHeaderLength, 0),
            new(LoadHalfIndexed, 2),
            new(JumpEqual, udpPort, 0, 1),
            new(Return, Whole),
            new(Return, 0),
        };
        FilterProgram program = new() { Length = 9, Steps = steps };
        if (setsockopt(socket.Number, SOL_SOCKET, SO_ATTACH_FILTER, &program, (socklen_t)(uint)sizeof(FilterProgram)) != 0)
            throw new LinuxException(SystemCall.LastError, "attach packet filter");
    }

    /// <summary>struct sock_filter, linux/filter.h.</summary>
    private readonly struct FilterStep(ushort code, uint operand, byte ifTrue = 0, byte ifFalse = 0)
    {
        public readonly ushort Code = code;
        public readonly byte IfTrue = ifTrue;
        public readonly byte IfFalse = ifFalse;
        public readonly uint Operand = operand;
    }

    /// <summary>struct sock_fprog, linux/filter.h.</summary>
    private unsafe struct FilterProgram
    {
        public ushort Length;
        public FilterStep* Steps;
    }
}
