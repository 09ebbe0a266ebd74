using Netlink.Wire;

namespace Netlink.Route.TrafficControl;

/// <summary>A queueing discipline to put on an interface.</summary>
public abstract record QdiscSpec
{
    /// <summary>tcm_ifindex: the interface.</summary>
    public required int LinkIndex { get; init; }

    /// <summary>tcm_handle: its own number; <c>0:</c> lets the kernel choose.</summary>
    public TcHandle Handle { get; init; }

    /// <summary>tcm_parent.</summary>
    public abstract TcHandle Parent { get; }

    /// <summary>TCA_KIND.</summary>
    internal abstract string Kind { get; }

    /// <summary>Whether it has TCA_OPTIONS.</summary>
    internal virtual bool HasOptions => false;

    /// <summary>Writes what stands in TCA_OPTIONS.</summary>
    internal virtual void WriteOptions(NetlinkWriter writer)
    {
    }
}
