namespace Netlink.Route.TrafficControl;

/// <summary>The qdisc <c>ingress</c>: a place for filters that packets meet when they enter.</summary>
public sealed record IngressSpec : QdiscSpec
{
    /// <summary>Has the only handle that there is for it.</summary>
    public IngressSpec() => Handle = TcHandle.IngressQdisc;

    /// <inheritdoc/>
    public override TcHandle Parent => TcHandle.Ingress;

    internal override string Kind => "ingress";
}
