using Linux;
using Linux.Addresses;
using Netlink.Route.Rules;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteClient
{
    /// <summary>All rules of policy routing, or those of a family, in the order in which they are asked.</summary>
    /// <exception cref="NetlinkException">Rules came and went throughout 20 attempts (EBUSY).</exception>
    public List<RuleSpec> ListRules(IpFamily? family = null)
    {
        NetlinkBatch request = new();
        RuleMessage.WriteDump(BeginGet(request, RouteMessageType.GetRule, GetFlags.Dump, "list rules"), family);
        request.End();
        return _socket.Get(
            request,
            (type, payload) => RuleMessage.Parse(type, payload) is { } rule && family.Allows(rule.Family) ? rule : null,
            absent: Errno.EAFNOSUPPORT);
    }
}
