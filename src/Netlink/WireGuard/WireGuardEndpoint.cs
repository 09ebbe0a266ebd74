using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Netlink.Wire;

namespace Netlink.WireGuard;

/// <summary>Addresses and ports as the kernel's socket addresses.</summary>
internal static class WireGuardEndpoint
{
    // struct sockaddr_in, linux/in.h:        u16 family, be16 port, 4 bytes address, 8 bytes padding
    // struct sockaddr_in6, linux/in6.h:      u16 family, be16 port, be32 flow, 16 bytes address, u32 scope
    private const int Size4 = 16;
    private const int Size6 = 28;
    private const int PortOffset = 2;
    private const int AddressOffset4 = 4;
    private const int AddressOffset6 = 8;
    private const int ScopeOffset6 = 24;

    public static void Write(NetlinkWriter writer, ushort type, IPEndPoint endpoint)
    {
        bool isIPv6 = endpoint.AddressFamily == AddressFamily.InterNetworkV6;
        Span<byte> address = stackalloc byte[isIPv6 ? Size6 : Size4];
        address.Clear();
        MemoryMarshal.Write(address, isIPv6 ? WireGuardMessage.AF_INET6 : WireGuardMessage.AF_INET);
        BinaryPrimitives.WriteUInt16BigEndian(address[PortOffset..], (ushort)endpoint.Port);
        _ = endpoint.Address.TryWriteBytes(address[(isIPv6 ? AddressOffset6 : AddressOffset4)..], out _);
        if (isIPv6)
            MemoryMarshal.Write(address[ScopeOffset6..], (uint)endpoint.Address.ScopeId);
        writer.WriteAttribute(type, address);
    }

    /// <exception cref="WireFormatException">It is neither of the two.</exception>
    public static IPEndPoint Read(ReadOnlySpan<byte> address)
    {
        ushort family = address.Length >= sizeof(ushort) ? MemoryMarshal.Read<ushort>(address) : (ushort)0;
        return (family, address.Length) switch
        {
            (WireGuardMessage.AF_INET, Size4) =>
                new IPEndPoint(new IPAddress(address[AddressOffset4..(AddressOffset4 + 4)]), PortOf(address)),
            (WireGuardMessage.AF_INET6, Size6) => new IPEndPoint(
                new IPAddress(address[AddressOffset6..ScopeOffset6], MemoryMarshal.Read<uint>(address[ScopeOffset6..])), PortOf(address)),
            _ => throw new WireFormatException($"a socket address of {address.Length} bytes and family {family}", 0),
        };
    }

    private static int PortOf(ReadOnlySpan<byte> address) => BinaryPrimitives.ReadUInt16BigEndian(address[PortOffset..]);
}
