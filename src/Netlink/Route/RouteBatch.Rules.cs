using Linux;
using Netlink.Route.Routes;
using Netlink.Route.Rules;
using Netlink.Wire;

namespace Netlink.Route;

public sealed partial class RouteBatch
{
    /// <summary>Adds a rule: EEXIST if the very same is there.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch AddRule(RuleSpec rule, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(RouteMessageType.NewRule, NewFlags.Create | NewFlags.Exclusive, Describe("add", rule), tolerate);
        RuleAction action = rule.Action ?? RuleAction.ToTable;
        RuleMessage.Write(writer, rule, action, rule.Table ?? (action == RuleAction.ToTable ? RouteTable.Main : 0));
        return End();
    }

    /// <summary>Deletes the first rule that has everything that is given: ENOENT if there is none.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="tolerate">An error that counts as success.</param>
    public RouteBatch DeleteRule(RuleSpec rule, Errno tolerate = Errno.None)
    {
        NetlinkWriter writer = Begin(RouteMessageType.DeleteRule, NewFlags.None, Describe("delete", rule), tolerate);
        RuleMessage.Write(writer, rule, rule.Action ?? RuleAction.Unspecified, rule.Table ?? 0);
        return End();
    }

    private static OperationText Describe(string verb, RuleSpec rule)
    {
        string source = rule.Source?.ToString() ?? "all";
        string destination = rule.Destination?.ToString() ?? "all";
        return $"{verb} rule from {source} to {destination} table {rule.Table ?? RouteTable.Main}";
    }
}
