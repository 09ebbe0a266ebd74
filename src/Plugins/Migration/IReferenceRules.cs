using Netlink.Nftables;

namespace Plugins.Migration;

/// <summary>One kind of thing that a plugin of the reference keeps in nftables for its pods.</summary>
internal interface IReferenceRules
{
    /// <summary>
    /// Chains without which there is nothing of the kind; looking for them is all that it costs where the reference never ran.
    /// </summary>
    IReadOnlyList<NftChain> Signs { get; }

    /// <summary>Plans the removal.</summary>
    /// <param name="removal">Reads, and takes what is to be deleted.</param>
    /// <param name="present">Those of <see cref="Signs"/> that exist, in their order.</param>
    void Remove(ReferenceRemoval removal, IReadOnlyList<NftChain> present);
}
