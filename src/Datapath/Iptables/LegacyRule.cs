using System.Runtime.InteropServices;
using System.Text;
using Linux.Addresses;

namespace Datapath.Iptables;

/// <summary>
/// An entry of a table of iptables-legacy: a rule, a chain's policy, or the head of a chain. First what IP packets it is about, then its
/// matches, then its target (struct ipt_entry, struct ip6t_entry, struct xt_entry_match, struct xt_entry_target).
/// </summary>
public sealed class LegacyRule
{
    // linux/netfilter/x_tables.h: struct xt_entry_match and xt_entry_target begin with a size of 2 bytes, a name of 29, a revision of 1.
    private const int HeadSize = 32;
    private const int NameOffset = 2;
    private const int NameSize = 29;
    private const int RevisionOffset = 31;

    // struct xt_standard_target: a verdict of 4 bytes; struct xt_error_target: a text of 30 bytes. Both aligned to 8.
    private const int StandardTargetSize = 40;
    private const int ErrorTargetSize = 64;
    private const string ErrorTarget = "ERROR";

    // struct xt_mark_mtinfo1 (linux/netfilter/xt_mark.h): mark, mask, invert, aligned to 8.
    private const int MarkMatchSize = HeadSize + 16;

    // -NF_ACCEPT - 1 and XT_RETURN.
    private const int Accept = -2;
    private const int Return = -5;

    private readonly Layout _layout;
    private readonly byte[] _bytes;

    private LegacyRule(Layout layout, byte[] bytes) => (_layout, _bytes) = (layout, bytes);

    /// <summary>The entry where the packet goes on; null if the target is not a jump.</summary>
    public LegacyRule? JumpsTo { get; set; }

    /// <summary>Whether the packet goes on with the next entry: a rule without a target.</summary>
    public bool FallsThrough { get; private set; }

    /// <summary>Bytes of the entry.</summary>
    public int Size => _bytes.Length;

    /// <summary>Where it stood in the table that was read; -1 if it is new.</summary>
    public int FormerIndex { get; private init; } = -1;

    /// <summary>The name of the chain that begins here; that of the last entry of a table is ERROR. Null if none does.</summary>
    public string? ChainName => TargetName == ErrorTarget ? TextAt(TargetOffset + HeadSize, NameSize + 1) : null;

    /// <summary>
    /// Where the target says to go on, in bytes of the table; negative for a verdict; null if the target is an extension.
    /// </summary>
    public int? Verdict => TargetName.Length == 0 ? MemoryMarshal.Read<int>(_bytes.AsSpan(TargetOffset + HeadSize)) : null;

    /// <summary>Reads the entry that begins at an offset.</summary>
    /// <param name="family">The family of the table.</param>
    /// <param name="entries">The table.</param>
    /// <param name="offset">Where it begins.</param>
    /// <param name="index">How many are in front of it.</param>
    public static LegacyRule Read(IpFamily family, byte[] entries, int offset, int index)
    {
        Layout layout = Layout.Of(family);
        int size = MemoryMarshal.Read<ushort>(entries.AsSpan(offset + layout.NextOffset));
        LegacyRule rule = new(layout, entries[offset..(offset + size)]) { FormerIndex = index };
        rule.FallsThrough = rule.Verdict == offset + size;
        return rule;
    }

    /// <summary><c>-m mark --mark BIT/BIT -j ACCEPT</c>.</summary>
    public static LegacyRule AcceptMarked(IpFamily family, uint mark)
    {
        LegacyRule rule = Create(family, MarkMatchSize, StandardTargetSize);
        Span<byte> match = rule._bytes.AsSpan(rule._layout.Size);
        MemoryMarshal.Write(match, (ushort)MarkMatchSize);
        _ = Encoding.ASCII.GetBytes("mark", match[NameOffset..]);
        match[RevisionOffset] = 1;
        MemoryMarshal.Write(match[HeadSize..], mark);
        MemoryMarshal.Write(match[(HeadSize + sizeof(uint))..], mark);
        rule.WriteVerdict(Accept);
        return rule;
    }

    /// <summary><c>-j CHAIN</c>.</summary>
    /// <param name="family">The family of the table.</param>
    /// <param name="first">The first rule of the chain.</param>
    public static LegacyRule Jump(IpFamily family, LegacyRule first)
    {
        LegacyRule rule = Create(family, 0, StandardTargetSize);
        rule.JumpsTo = first;
        return rule;
    }

    /// <summary>A new chain: its head, and the policy of all but the built-in ones.</summary>
    public static (LegacyRule Head, LegacyRule Policy) Chain(IpFamily family, string name)
    {
        LegacyRule head = Create(family, 0, ErrorTargetSize);
        Span<byte> target = head._bytes.AsSpan(head.TargetOffset);
        _ = Encoding.ASCII.GetBytes(ErrorTarget, target[NameOffset..]);
        _ = Encoding.ASCII.GetBytes(name, target[HeadSize..]);
        LegacyRule policy = Create(family, 0, StandardTargetSize);
        policy.WriteVerdict(Return);
        return (head, policy);
    }

    /// <summary>Whether both say the same, whatever was counted.</summary>
    public bool IsSameAs(LegacyRule other) => JumpsTo == other.JumpsTo && Meaning().AsSpan().SequenceEqual(other.Meaning());

    /// <summary>Writes the entry with nothing counted.</summary>
    /// <param name="destination">Its place in the table.</param>
    /// <param name="offset">Where that is.</param>
    /// <param name="jump">Where the entry is that it jumps to; null if it does not.</param>
    public void Write(Span<byte> destination, int offset, int? jump)
    {
        _bytes.CopyTo(destination);
        destination.Slice(_layout.CountersOffset, Layout.CountersSize).Clear();
        if (FallsThrough || jump is not null)
            MemoryMarshal.Write(destination[(TargetOffset + HeadSize)..], jump ?? (offset + Size));
    }

    private int TargetOffset => MemoryMarshal.Read<ushort>(_bytes.AsSpan(_layout.TargetOffset));

    private string TargetName => TextAt(TargetOffset + NameOffset, NameSize);

    private static LegacyRule Create(IpFamily family, int matches, int target)
    {
        Layout layout = Layout.Of(family);
        LegacyRule rule = new(layout, new byte[layout.Size + matches + target]);
        MemoryMarshal.Write(rule._bytes.AsSpan(layout.TargetOffset), (ushort)(layout.Size + matches));
        MemoryMarshal.Write(rule._bytes.AsSpan(layout.NextOffset), (ushort)rule.Size);
        MemoryMarshal.Write(rule._bytes.AsSpan(layout.Size + matches), (ushort)target);
        return rule;
    }

    private void WriteVerdict(int verdict) => MemoryMarshal.Write(_bytes.AsSpan(TargetOffset + HeadSize), verdict);

    private string TextAt(int offset, int size)
    {
        ReadOnlySpan<byte> bytes = _bytes.AsSpan(offset, size);
        int end = bytes.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>The bytes without what is counted, what only the kernel and iptables note down, and where a jump leads.</summary>
    private byte[] Meaning()
    {
        byte[] bytes = [.. _bytes];
        bytes.AsSpan(_layout.CacheOffset, sizeof(uint)).Clear();
        bytes.AsSpan(_layout.NextOffset + sizeof(ushort), sizeof(uint)).Clear();
        bytes.AsSpan(_layout.CountersOffset, Layout.CountersSize).Clear();
        if (JumpsTo is not null)
            bytes.AsSpan(TargetOffset + HeadSize, sizeof(int)).Clear();
        return bytes;
    }

    /// <summary>
    /// Offsets in an entry: <c>nfcache</c>, <c>target_offset</c>, <c>next_offset</c> with <c>comefrom</c> behind it, <c>counters</c>; its
    /// size without matches and target.
    /// </summary>
    private sealed record Layout(int CacheOffset, int TargetOffset, int NextOffset, int CountersOffset, int Size)
    {
        public const int CountersSize = 16;

        private static readonly Layout s_ip = new(84, 88, 90, 96, 112);
        private static readonly Layout s_ip6 = new(136, 140, 142, 152, 168);

        public static Layout Of(IpFamily family) => family.IsIPv6 ? s_ip6 : s_ip;
    }
}
