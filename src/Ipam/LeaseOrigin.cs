namespace Ipam;

/// <summary>Where a lease was asked for, as far as the kernel could tell; what is 0 is not known.</summary>
/// <param name="NetworkNamespace">
/// The cookie of the network namespace (SO_NETNS_COOKIE), which no other one has before the next boot; <see cref="NoNamespace"/> if
/// CNI_NETNS led to none.
/// </param>
/// <param name="MountNamespace">The mounts in which the path of CNI_NETNS means something.</param>
/// <param name="Add">The <see cref="RunningAdd.Id"/> of the ADD; 0 for one that has no mark.</param>
public readonly record struct LeaseOrigin(ulong NetworkNamespace, ulong MountNamespace, ulong Add)
{
    /// <summary>Stands for the namespace of somebody who has none of his own here, a virtual machine for example.</summary>
    public const ulong NoNamespace = ulong.MaxValue;
}
