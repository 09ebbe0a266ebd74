using System.Threading.Channels;
using Cluster.Store;

namespace Cluster.Tests.Etcd;

/// <summary>The contract on three members, and what is lost when one of them is: nothing.</summary>
public sealed class EtcdClusterTests : EtcdStoreTests
{
    protected override int Members => 3;

    [Fact]
    public async Task A_member_that_is_killed_in_the_middle_costs_no_change()
    {
        StoreMirror mirror = new(Store, "k/");
        Channel<int> told = Channel.CreateUnbounded<int>();
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task run = mirror.RunAsync(async _ => await told.Writer.WriteAsync(mirror.Values.Count, Cancel), end.Token);
        _ = await told.Reader.ReadAsync(Cancel);

        for (int i = 0; i < 90; i++)
        {
            // Each of the three is killed once, the one that serves the watch among them.
            if (i % 30 == 10)
                await Servers.KillMemberAsync(i / 30);
            await PutUntilDoneAsync($"k/{i}");
            if (i % 30 == 20)
                Servers.StartMember(i / 30);
        }

        while (await told.Reader.ReadAsync(Cancel) < 90)
        {
        }
        await end.CancelAsync();
        await run;
    }

    // Whether a transaction was done whose answer was lost, reading tells; this one may be done twice.
    private async Task PutUntilDoneAsync(string key)
    {
        while (true)
        {
            try
            {
                _ = await PutAsync(key, "x");
                return;
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Unavailable)
            {
                await Task.Delay(20, Cancel);
            }
        }
    }
}
