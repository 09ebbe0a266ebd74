using Datapath.Rulesets;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Nftables.Expressions;

namespace Plugins.Migration;

/// <summary>What a rule says in iptables' terms.</summary>
internal static class IptablesRule
{
    extension(NftRule rule)
    {
        /// <summary>The chain that it jumps to; null if it ends otherwise.</summary>
        public string? JumpTarget => rule.Expressions is [.., Immediate { Verdict.Chain: { } chain }] ? chain : null;

        /// <summary>Its comment, which iptables-nft keeps in an extension and nft beside the rule.</summary>
        public string? Text =>
            rule.Expressions.OfType<Match>().Select(static match => match.Comment).FirstOrDefault(static text => text is not null)
            ?? rule.Comment;

        /// <summary>The one address that packets must come from (<c>-s 10.1.0.5</c>); null if it names a network or none.</summary>
        public NftValue? Source
        {
            get
            {
                for (int i = 1; i < rule.Expressions.Count; i++)
                {
                    if (rule.Expressions[i] is Cmp { Comparison: CmpOperation.Equal } cmp && rule.Expressions[i - 1] is Payload load
                        && (load.Equals(Load(IpFamily.IPv4)) || load.Equals(Load(IpFamily.IPv6))))
                    {
                        return cmp.Value;
                    }
                }
                return null;
            }
        }

        /// <summary>Whether it holds an address anywhere: to compare with, or to send packets to.</summary>
        public bool Names(IpPrefix address)
        {
            NftValue value = NftValue.Of(address.Address);
            return rule.Expressions.Any(
                expression => expression is Cmp cmp ? cmp.Value == value : expression is Immediate load && load.Value == value);
        }
    }

    private static NftExpression Load(IpFamily family) => PacketMatch.SourceAddress(family.NftFamily, family)[0];
}
