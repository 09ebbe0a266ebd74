using Netlink.Wire;

namespace Netlink.Nftables;

public sealed partial class NftBatch
{
    // enum nft_list_attributes
    private const ushort NFTA_LIST_ELEM = 1;

    // nla_len has 16 bits; the longest element (64 bytes of key, key end and value, 256 of user data) stays below what is left.
    private const int MaxListBytes = ushort.MaxValue - 1024;

    /// <summary>Adds elements. One whose key exists stays as it is, with its old comment; another value is EEXIST.</summary>
    public NftBatch AddElements(NftSet set, params ReadOnlySpan<NftElement> elements) =>
        AppendElements(NftVerb.NewElement, Add, set, "add element", elements);

    /// <summary>Creates elements; EEXIST if a key exists.</summary>
    public NftBatch CreateElements(NftSet set, params ReadOnlySpan<NftElement> elements) =>
        AppendElements(NftVerb.NewElement, Create, set, "create element", elements);

    /// <summary>
    /// Deletes elements by their keys; ENOENT if one is absent. The tolerant form is
    /// <see cref="NftClient.DeleteElements(NftSet, IEnumerable{NftValue}, Predicate{NftElement})"/>.
    /// </summary>
    public NftBatch DeleteElements(NftSet set, params ReadOnlySpan<NftElement> elements) =>
        AppendElements(NftVerb.DeleteElement, 0, set, "delete element", elements);

    // NFT_MSG_NEWSETELEM, NFT_MSG_DELSETELEM; as many messages as the elements need:
    //   NFTA_SET_ELEM_LIST_TABLE     string
    //   NFTA_SET_ELEM_LIST_SET       string
    //   NFTA_SET_ELEM_LIST_ELEMENTS  NFTA_LIST_ELEM each
    private NftBatch AppendElements(NftVerb verb, ushort flags, NftSet set, string what, ReadOnlySpan<NftElement> elements)
    {
        ThrowIfSealed();
        for (int next = 0; next < elements.Length;)
        {
            NetlinkWriter writer = NftMessage.Begin(
                _requests,
                verb,
                flags,
                set.Table.Family,
                $"{what} {set} {{ {elements[next]}{(elements.Length - next == 1 ? "" : ", …")} }}");
            NftElementList.WriteName(writer, set);
            int list = writer.BeginNest(NftElementList.NFTA_SET_ELEM_LIST_ELEMENTS);
            int start = _requests.Buffer.Length;
            while (next < elements.Length && _requests.Buffer.Length - start < MaxListBytes)
            {
                if (verb == NftVerb.DeleteElement)
                    elements[next++].WriteIdentity(writer, NFTA_LIST_ELEM);
                else
                    elements[next++].Write(writer, NFTA_LIST_ELEM);
            }
            writer.EndNest(list);
            _requests.End();
        }
        return this;
    }
}
