using System.Runtime.InteropServices;
using System.Text;
using Linux.Addresses;
using Linux.Files;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Linux.Sockets;

/// <summary>
/// The tables of iptables-legacy in the network namespace of the thread that opened it (ip_tables.ko, ip6_tables.ko). They are read and
/// replaced whole, by socket options, which is the only way (linux/netfilter_ipv4/ip_tables.h; ip6_tables.h is the same but for its
/// entries).
/// </summary>
public sealed class XtablesSocket : IDisposable
{
    private const int IPPROTO_RAW = 255;
    private const int IPPROTO_IP = 0;
    private const int IPPROTO_IPV6 = 41;
    private const int IPT_SO_SET_REPLACE = 64;
    private const int IPT_SO_SET_ADD_COUNTERS = 65;
    private const int IPT_SO_GET_INFO = 64;
    private const int IPT_SO_GET_ENTRIES = 65;

    // Offsets in struct ipt_getinfo.
    private const int InfoHooks = 36;
    private const int InfoUnderflows = 56;
    private const int InfoCount = 76;
    private const int InfoBytes = 80;
    private const int InfoSize = 84;

    // struct ipt_get_entries and struct xt_counters_info: name, a number, what follows aligned to 8 bytes.
    private const int NameSize = 32;
    private const int ListOffset = 40;

    // Offsets in struct ipt_replace.
    private const int ReplaceValidHooks = 32;
    private const int ReplaceCount = 36;
    private const int ReplaceBytes = 40;
    private const int ReplaceHooks = 44;
    private const int ReplaceUnderflows = 64;
    private const int ReplaceCounterCount = 84;
    private const int ReplaceCounters = 88;
    private const int ReplaceEntries = 96;

    private readonly FileDescriptor _socket;
    private readonly IpFamily _family;

    private XtablesSocket(FileDescriptor socket, IpFamily family) => (_socket, _family) = (socket, family);

    /// <summary>Opens the tables of a family.</summary>
    /// <exception cref="LinuxException">EPERM: CAP_NET_RAW is missing.</exception>
    public static XtablesSocket Open(IpFamily family)
    {
        int fd = socket(family.IsIPv6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
        return fd >= 0
            ? new XtablesSocket(FileDescriptor.Own(fd), family)
            : throw new LinuxException(SystemCall.LastError, "open raw socket");
    }

    /// <summary>Reads a table. One that does not exist is made, empty, where the kernel can.</summary>
    /// <exception cref="LinuxException">
    /// EPERM: CAP_NET_ADMIN is missing; ENOENT: there is none of that name; EAGAIN: it has changed meanwhile.
    /// </exception>
    public XtablesTable Read(string name)
    {
        byte[] info = new byte[InfoSize];
        WriteName(info, name);
        Get(IPT_SO_GET_INFO, info, $"IPT_SO_GET_INFO of {name}");
        int size = (int)ReadUInt32(info, InfoBytes);
        byte[] entries = new byte[ListOffset + size];
        WriteName(entries, name);
        WriteUInt32(entries, NameSize, (uint)size);
        Get(IPT_SO_GET_ENTRIES, entries, $"IPT_SO_GET_ENTRIES of {name}");
        return new XtablesTable(
            name,
            ReadUInt32(info, NameSize),
            MemoryMarshal.Cast<byte, uint>(info.AsSpan(InfoHooks, XtablesTable.Hooks * sizeof(uint))).ToArray(),
            MemoryMarshal.Cast<byte, uint>(info.AsSpan(InfoUnderflows, XtablesTable.Hooks * sizeof(uint))).ToArray(),
            (int)ReadUInt32(info, InfoCount),
            entries[ListOffset..]);
    }

    /// <summary>Puts a table in the place of the one of its name.</summary>
    /// <param name="table">The new table.</param>
    /// <param name="formerCount">How many entries the table has that was read.</param>
    /// <returns>
    /// The former entries' numbers of packets and bytes, <see cref="XtablesTable.CounterSize"/> each; the new table's are zero.
    /// </returns>
    /// <exception cref="LinuxException">
    /// EAGAIN: somebody else has changed the number of entries; EINVAL: the table makes no sense.
    /// </exception>
    public unsafe byte[] Replace(XtablesTable table, int formerCount)
    {
        byte[] counters = new byte[formerCount * XtablesTable.CounterSize];
        byte[] request = new byte[ReplaceEntries + table.Entries.Length];
        WriteName(request, table.Name);
        WriteUInt32(request, ReplaceValidHooks, table.ValidHooks);
        WriteUInt32(request, ReplaceCount, (uint)table.Count);
        WriteUInt32(request, ReplaceBytes, (uint)table.Entries.Length);
        MemoryMarshal.AsBytes(table.HookEntries.AsSpan()).CopyTo(request.AsSpan(ReplaceHooks));
        MemoryMarshal.AsBytes(table.Underflows.AsSpan()).CopyTo(request.AsSpan(ReplaceUnderflows));
        WriteUInt32(request, ReplaceCounterCount, (uint)formerCount);
        table.Entries.CopyTo(request, ReplaceEntries);
        fixed (byte* pointer = counters)
        {
            MemoryMarshal.Write(request.AsSpan(ReplaceCounters), (nuint)pointer);
            Set(IPT_SO_SET_REPLACE, request, $"IPT_SO_SET_REPLACE of {table.Name}");
        }
        return counters;
    }

    /// <summary>Adds to the numbers of packets and bytes of a table's entries.</summary>
    /// <param name="name">The table.</param>
    /// <param name="counters">As many as it has entries.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void AddCounters(string name, ReadOnlySpan<byte> counters)
    {
        byte[] request = new byte[ListOffset + counters.Length];
        WriteName(request, name);
        WriteUInt32(request, NameSize, (uint)(counters.Length / XtablesTable.CounterSize));
        counters.CopyTo(request.AsSpan(ListOffset));
        Set(IPT_SO_SET_ADD_COUNTERS, request, $"IPT_SO_SET_ADD_COUNTERS of {name}");
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private int Level => _family.IsIPv6 ? IPPROTO_IPV6 : IPPROTO_IP;

    private unsafe void Get(int option, byte[] buffer, string operation)
    {
        socklen_t length = (uint)buffer.Length;
        fixed (byte* pointer = buffer)
        {
            if (getsockopt(_socket.Number, Level, option, pointer, &length) != 0)
                throw new LinuxException(SystemCall.LastError, operation);
        }
    }

    private unsafe void Set(int option, byte[] buffer, string operation)
    {
        fixed (byte* pointer = buffer)
        {
            if (setsockopt(_socket.Number, Level, option, pointer, (uint)buffer.Length) != 0)
                throw new LinuxException(SystemCall.LastError, operation);
        }
    }

    private static void WriteName(byte[] buffer, string name) => Encoding.ASCII.GetBytes(name, buffer.AsSpan(0, NameSize - 1));

    private static uint ReadUInt32(byte[] buffer, int offset) => MemoryMarshal.Read<uint>(buffer.AsSpan(offset));

    private static void WriteUInt32(byte[] buffer, int offset, uint value) => MemoryMarshal.Write(buffer.AsSpan(offset), value);
}
