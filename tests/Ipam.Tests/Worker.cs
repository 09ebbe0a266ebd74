using System.Diagnostics;
using System.Runtime.CompilerServices;
using Ipam.Store;
using Linux.Files;
using static Ipam.Tests.TestNetwork;

namespace Ipam.Tests;

/// <summary>
/// This test program as another process that allocates and releases: it is started with IPAM_WORKER set, and never reaches the tests.
/// </summary>
internal static class Worker
{
    private const string Variable = "IPAM_WORKER";

    /// <summary>
    /// Starts a worker that prints a line for each answer that it got: <c>+ id address</c>, <c>- id</c> or <c>! id error</c>.
    /// </summary>
    /// <param name="network">Where it works.</param>
    /// <param name="name">The start of its container IDs.</param>
    /// <param name="count">How many allocations it makes.</param>
    /// <param name="releases">Whether it releases every other one again.</param>
    /// <param name="under">The command that starts it, to which the program's path is added; itself if empty.</param>
    public static Process Start(TestNetwork network, string name, int count, bool releases, params IReadOnlyList<string> under)
    {
        string[] command = [.. under, Environment.ProcessPath!];
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true };
        start.Environment[Variable] = string.Join(
            '|', network.DataDir, network.Options.ReferenceDataDir, name, count, releases, network.WitnessDirectory);
        return Process.Start(start)!;
    }

    [ModuleInitializer]
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('|') is not { } arguments)
            return;
        LeaseStore store = new(new LeaseStoreOptions
        {
            DataDir = arguments[0],
            ReferenceDataDir = arguments[1],
            Network = "net",
            BootId = BootId,
            Evidence = new FakeEvidence(),
            WitnessDir = arguments[5],
        });
        RangeSet[] sets = Sets("10.0.0.0/20");
        for (int i = 0; i < int.Parse(arguments[3], System.Globalization.CultureInfo.InvariantCulture); i++)
        {
            LeaseKey key = Key($"{arguments[2]}-{i}");
            try
            {
                Print($"+ {key.ContainerId} {store.Allocate(key, "", sets, [])[0].Address.Address}");
            }
            catch (IpamException e)
            {
                Print($"! {key.ContainerId} {e.Kind} {e.Message}");
                continue;
            }
            if (bool.Parse(arguments[4]) && i % 2 == 1)
            {
                _ = store.Release(key);
                Print($"- {key.ContainerId}");
            }
        }
        Environment.Exit(0);
    }

    private static void Print(string line) => StandardStreams.WriteOutput(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
}
