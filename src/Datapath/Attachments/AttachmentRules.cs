using Netlink.Nftables;

namespace Datapath.Attachments;

/// <summary>What ADDs put into nftables for each pod, beside its link.</summary>
/// <param name="Remove">
/// Removes what belongs to one attachment, and succeeds when nothing is left. The client is closed late: without io_uring
/// the kernel makes that wait until what was deleted is free, 10 ms and more.
/// </param>
/// <param name="RemoveAllBut">Removes what belongs to a network's attachments that are no longer valid.</param>
public sealed record AttachmentRules(Action<NftClient, DetachContext> Remove, Action<NftClient, GcScope> RemoveAllBut);
