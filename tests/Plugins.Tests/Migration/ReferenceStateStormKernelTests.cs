using Linux.Addresses;
using Plugins.Migration;

namespace Plugins.Tests.Migration;

public sealed class ReferenceStateStormKernelTests : ReferenceStateKernelTest
{
    // While iptables changes the tables all the time, and the reference's own plugins delete what ours delete, too.
    [Fact]
    public void Removals_at_the_same_time_leave_nothing_and_fail_nothing()
    {
        const int Pods = 6;
        _ = Reference.Attach("stays");
        Reference.Publish("stays", 9000);
        string before = Reference.Rules("nat");
        IpPrefix[][] addresses = new IpPrefix[Pods][];
        for (int i = 0; i < Pods; i++)
        {
            addresses[i] = Reference.Attach($"c{i}");
            Reference.Publish($"c{i}", 8000 + i);
        }

        Parallel.For(0, 3 * Pods, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            int pod = i % Pods;
            if (i / Pods == 1)
            {
                _ = Reference.Shell(
                    $"iptables-nft -w -t nat -A OUTPUT -d 192.0.2.{pod} -j ACCEPT && iptables-nft -w -t nat -D OUTPUT -d 192.0.2.{pod} -j "
                    + "ACCEPT");
            }
            else if (i / Pods == 2 && pod == 0)
                Gc(call => [.. ReferenceMasquerade.AllBut(call), .. ReferencePortMappings.AllBut(call)], "stays");
            else
            {
                Del(
                    $"c{pod}",
                    call => [.. ReferenceMasquerade.Of(call, addresses[pod]), .. ReferencePortMappings.Of(call, addresses[pod])]);
            }
        });

        Assert.Equal(before, Reference.Rules("nat"));
    }
}
