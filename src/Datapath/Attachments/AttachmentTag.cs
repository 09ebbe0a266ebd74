using System.Globalization;
using System.Text;
using Cni;
using Linux;
using Linux.Addresses;
using Netlink.Nftables;

namespace Datapath.Attachments;

/// <summary>
/// The name under which everything that one ADD makes is found again: a function of network, container ID and interface name alone,
/// so that DEL and GC need no record of their own (docs/design.md, "Found again without state").
/// </summary>
public sealed class AttachmentTag
{
    // IFALIASZ is 256 (linux/if.h), and the kernel refuses a text of more than 254 bytes with its NUL (ERANGE, seen on 6.18).
    private const int MaxAliasBytes = 254;

    private const int HashDigits = 16;
    private const int InterfaceNameDigits = 11;

    // In front of the hash of a container ID that may be cut, where else the network stands: a network's name begins with a letter or
    // digit.
    private const char ContainerMark = '~';

    // Stands last in a comment, in front of the cookie of the pod's network namespace.
    private const string NamespaceMark = " ns=";

    private readonly string _names;
    private readonly CniInvocation? _call;

    public AttachmentTag(CniInvocation call)
        : this(call.Network, call.ContainerId, call.IfName) => _call = call;

    public AttachmentTag(string network, string containerId, string ifName)
    {
        (Network, ContainerId) = (network, containerId);
        string attachment = Sha512.HexPrefix(HashDigits, network, containerId, ifName);
        Text = $"{NetworkPrefix(network)}{attachment}";
        HostInterfaceName = HostInterfaceNameOf(Text);
        _names = $"{network} {containerId} {ifName}";
    }

    /// <summary>The network.</summary>
    public string Network { get; }

    /// <summary>The container.</summary>
    public string ContainerId { get; }

    /// <summary><c>(16 hex digits of the network)-(16 hex digits of network, container ID and interface name)</c>.</summary>
    public string Text { get; }

    /// <summary>The host end of the attachment's veth pair.</summary>
    public string HostInterfaceName { get; }

    /// <summary>The interface through which what the attachment sends is shaped.</summary>
    public string IfbName => string.Concat("ifb", Text.AsSpan(HashDigits + 1, InterfaceNameDigits));

    /// <summary>The host end of the veth pair of the attachment that has a tag.</summary>
    public static string HostInterfaceNameOf(string tag) => string.Concat("veth", tag.AsSpan(HashDigits + 1, InterfaceNameDigits));

    /// <summary>How the tag of every attachment of a network begins.</summary>
    public static string NetworkPrefix(string network) => Sha512.HexPrefix(HashDigits, network) + "-";

    /// <summary>The tag at the start of an alias or comment; null if the text is not one of ours.</summary>
    public static string? Find(string text)
    {
        const int Length = (2 * HashDigits) + 1;
        if (text.Length < Length || text[HashDigits] != '-' || (text.Length > Length && text[Length] != ' '))
            return null;
        for (int i = 0; i < Length; i++)
        {
            if (i != HashDigits && !char.IsAsciiHexDigitLower(text[i]))
                return null;
        }
        return text[..Length];
    }

    /// <summary>Whether an alias or comment is of this attachment.</summary>
    public bool IsIn(string? text) => text is not null && Find(text) == Text;

    /// <summary>
    /// Whether an alias or comment is of another attachment: an ADD that found the name of an interface taken is followed by a DEL, which
    /// must leave what is there.
    /// </summary>
    public bool IsOfAnother(string? text) => text is not null && Find(text) is { } other && other != Text;

    /// <summary>Whether an alias or comment is of an attachment of a network.</summary>
    public static bool IsOfNetwork(string network, string? text) =>
        text is not null && Find(text)?.StartsWith(NetworkPrefix(network), StringComparison.Ordinal) == true;

    /// <summary>The alias of the host interface: tag, addresses, and as much of the names as the kernel takes.</summary>
    public string Alias(IEnumerable<IpPrefix> addresses)
    {
        string list = string.Join(',', addresses);
        // A list that does not fit is left out whole: half an address would be a wrong one.
        return Alias(list.Length < MaxAliasBytes - Text.Length - 1 ? list : "");
    }

    /// <summary>
    /// The alias of another interface of the attachment: tag, a word about it, and as much of the names as the kernel takes.
    /// </summary>
    /// <param name="note">Short, without a space; may be empty.</param>
    public string Alias(string note) => CutToBytes($"{Text} {note} {_names}", MaxAliasBytes);

    /// <summary>The word that an alias of ours holds behind its tag.</summary>
    public static string NoteIn(string alias) => alias.Split(' ') is [_, string note, ..] ? note : "";

    /// <summary>The addresses that an alias of ours holds.</summary>
    public static IEnumerable<IpPrefix> AddressesIn(string alias)
    {
        string[] fields = alias.Split(' ');
        foreach (string text in fields.Length > 1 ? fields[1].Split(',') : [])
        {
            if (IpPrefix.TryParse(text, out IpPrefix address))
                yield return address;
        }
    }

    /// <summary>The container ID and interface name that an alias of ours holds whole; null if they did not fit.</summary>
    public static (string ContainerId, string IfName)? OwnerIn(string alias, string network)
    {
        string[] fields = alias.Split(' ');
        return fields.Length == 5 && new AttachmentTag(network, fields[3], fields[4]).Text == fields[0] ? (fields[3], fields[4]) : null;
    }

    /// <summary>The names that a comment of ours holds whole; null if they did not fit.</summary>
    public static (string Network, string ContainerId, string IfName)? NamesIn(string comment)
    {
        int mark = comment.LastIndexOf(NamespaceMark, StringComparison.Ordinal);
        string[] fields = (mark < 0 ? comment : comment[..mark]).Split(' ');
        return fields.Length == 4 && new AttachmentTag(fields[1], fields[2], fields[3]).Text == fields[0]
            ? (fields[1], fields[2], fields[3])
            : null;
    }

    /// <summary>What follows the network in a tag: 8 bytes that tell an attachment from every other.</summary>
    /// <param name="tag">As <see cref="Find"/> returns it.</param>
    public static byte[] KeyOf(string tag) => Convert.FromHexString(tag.AsSpan(HashDigits + 1, HashDigits));

    /// <summary>The cookie of the pod's network namespace that a comment of ours tells; 0 if it tells none.</summary>
    public static ulong NamespaceIn(string comment)
    {
        int mark = comment.LastIndexOf(NamespaceMark, StringComparison.Ordinal);
        return mark >= 0 && ulong.TryParse(
            comment.AsSpan(mark + NamespaceMark.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong cookie)
            ? cookie
            : 0;
    }

    /// <summary>
    /// The comment of a set element: the tag, and as much of the names as nft can list. Where they do not fit, a hash of the container ID
    /// stands in front of them. An attachment that has no end on the host, by which whoever meets the element could tell whether the pod is
    /// there, adds the number of the pod's network namespace.
    /// </summary>
    public string Comment()
    {
        string mark = !HasHostEnd && _call?.Namespace is { Cookie: not 0 and var cookie }
            ? string.Create(CultureInfo.InvariantCulture, $"{NamespaceMark}{cookie:x}")
            : "";
        int room = NftComment.MaxBytes - mark.Length;
        string names = Encoding.UTF8.GetByteCount($"{Text} {_names}") <= room ? _names : $"{ContainerHash} {_names}";
        return CutToBytes(NftComment.Fit($"{Text} {names}"), room) + mark;
    }

    /// <summary>Whether a comment is of an attachment of the same network, this one included.</summary>
    public bool IsOfSameNetwork(string? comment) => IsOfNetwork(Network, comment);

    /// <summary>Whether a comment is of an attachment of the same container, as far as the comment tells.</summary>
    public bool IsOfSameContainer(string? comment) =>
        comment is not null
        && Find(comment) is not null
        && (NamesIn(comment) is { } names
            ? names.ContainerId == ContainerId
            : comment.Split(' ') is [_, string hash, ..] && hash == ContainerHash);

    // What makes a host end of this name adds elements before there is a result, and nothing else of ours does.
    private bool HasHostEnd => _call?.PrevResult is not { } made || made.Interfaces.Exists(end => end.Name == HostInterfaceName);

    private string ContainerHash => $"{ContainerMark}{Sha512.HexPrefix(HashDigits, ContainerId)}";

    /// <summary>Cuts between characters, never inside of one.</summary>
    private static string CutToBytes(string text, int limit)
    {
        int bytes = 0, length = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > limit)
                break;
            length += rune.Utf16SequenceLength;
        }
        return text[..length];
    }
}
