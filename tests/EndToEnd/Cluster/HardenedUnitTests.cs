using EndToEnd.Sandbox;

namespace EndToEnd.Cluster;

/// <summary>The unit that install.sh installs takes from the agent all that it does not need, and nothing that it does.</summary>
public sealed class HardenedUnitTests
{
    private static readonly string s_unit = Path.Combine(AppContext.BaseDirectory, "systemd", "cniagent.service");

    [Fact]
    public void Agent_works_with_the_capabilities_of_its_unit()
    {
        string[] capabilities = Setting("CapabilityBoundingSet").Split(' ');
        Assert.NotEmpty(capabilities);
        Assert.Equal("yes", Setting("NoNewPrivileges"));
        string bounding = string.Concat(capabilities.Select(static name => $",+{name["CAP_".Length..].ToLowerInvariant()}"));
        string[] under = ["setpriv", $"--bounding-set=-all{bounding}", "--inh-caps=-all", "--no-new-privs", "--"];
        using ClusterSandbox cluster = ClusterSandbox.Start(hosts: 2);
        foreach (ClusterHost host in cluster.Hosts)
        {
            host.KillAgent();
            host.StartAgent(under: under);
        }
        cluster.WaitUntilAllIsWell();
        // What it has is what the test means it to have.
        string status = cluster.Hosts[0].AgentStatus();
        Assert.Matches(@"\nNoNewPrivs:\s+1\n", status);
        Assert.Matches(@"\nCapEff:\s+0000000000001000\n", status);

        cluster.CreatePods("vxlan");
        Pod one = cluster.Hosts[0].Attach("one"), two = cluster.Hosts[1].Attach("two");
        ClusterSandbox.Until("pods reach each other", () => one.Reaches(two.Address()), cluster.Hosts[0].Describe);
        string before = cluster.Hosts[0].Datapath();
        _ = cluster.Hosts[0].Script("ip link delete cni-vx0; nft flush ruleset");
        ClusterSandbox.Until("all is there again", () => cluster.Hosts[0].Datapath() == before, cluster.Hosts[0].Describe);
    }

    [Fact]
    public void Unit_is_as_hard_as_systemd_can_say()
    {
        if (!File.Exists("/usr/bin/systemd-analyze"))
            Assert.Skip("needs systemd-analyze, of systemd 250 or newer");
        using RunningCommand analysis = RunningCommand.Start(
            ["systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager", s_unit]);
        // 0 to 100; the exit status says whether the unit's exposure is above the threshold.
        CommandResult result = analysis.WaitForExit();
        Assert.True(result.ExitCode == 0, $"{result.Output}{result.Error}");
    }

    private static string Setting(string name) => File.ReadLines(s_unit)
        .Single(line => line.StartsWith($"{name}=", StringComparison.Ordinal))[(name.Length + 1)..];
}
