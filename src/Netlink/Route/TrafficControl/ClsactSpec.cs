namespace Netlink.Route.TrafficControl;

/// <summary>The qdisc <c>clsact</c>: a place for filters that packets meet when they enter, and for others when they leave.</summary>
public sealed record ClsactSpec : QdiscSpec
{
    /// <summary>Has the only handle that there is for it.</summary>
    public ClsactSpec() => Handle = TcHandle.IngressQdisc;

    /// <inheritdoc/>
    public override TcHandle Parent => TcHandle.Ingress;

    internal override string Kind => "clsact";
}
