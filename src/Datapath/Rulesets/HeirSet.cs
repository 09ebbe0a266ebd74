using Datapath.Attachments;
using Netlink.Nftables;

namespace Datapath.Rulesets;

/// <summary>
/// Who gets an element when the attachment that has it goes. Heirs of the elements of a set stand in a set beside it, so they are found and
/// listed like everything else; its keys end with the second half of an heir's tag, since an element may have several:
/// <code>
/// map ports4 { type inet_proto . inet_service : ipv4_addr . inet_service; elements = { tcp . 8080 comment "tag1 names" : 10.1.0.5 . 80 } }
/// map heirs_ports4 {
///     type inet_proto . inet_service . mark . mark : ipv4_addr . inet_service
///     elements = { tcp . 8080 . 0x01234567 . 0x89abcdef comment "tag2 names" : 10.2.0.5 . 80 }
/// }
/// </code>
/// No rule asks it. It is made with its first heir and goes with its last, so that where there is none a DEL learns that by one request.
/// </summary>
public static class HeirSet
{
    /// <summary>The set of the heirs of a set's elements.</summary>
    public static NftSet Of(NftSet set) =>
        new(set.Table, $"heirs_{set.Name}", NftDataType.Concat(set.KeyType, NftDataType.Mark, NftDataType.Mark))
        {
            ValueType = set.ValueType,
        };

    /// <summary>The key of an heir.</summary>
    /// <param name="key">What it waits for.</param>
    /// <param name="tag">Whose it is.</param>
    public static NftValue KeyOf(NftValue key, string tag) => NftValue.Concat(key, new NftValue(AttachmentTag.KeyOf(tag)));

    /// <summary>An heir as it stands there.</summary>
    /// <param name="heir">The element that it would have; its comment begins with a tag.</param>
    public static NftElement EntryOf(NftElement heir) => heir with { Key = KeyOf(heir.Key, AttachmentTag.Find(heir.Comment!)!) };

    /// <summary>The element that an heir would have.</summary>
    /// <param name="set">The set, not that of the heirs.</param>
    /// <param name="entry">As it stands there.</param>
    public static NftElement HeirOf(NftSet set, NftElement entry) => entry with { Key = entry.Key.Slice(0, set.KeyType.Length) };
}
