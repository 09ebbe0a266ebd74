using System.Text;
using Cni;
using Linux.Addresses;
using Plugins.Ipam.HostLocal;
using TestKit;

namespace Plugins.Tests.Ipam.HostLocal;

/// <summary>The plugin in the test's own process, with a store of the test's own.</summary>
public sealed class HostLocalPluginKernelTests : NodeKernelTest
{
    // Six addresses, gateway .1; of a range that nobody's pods use, since a new store asks all namespaces of the machine.
    private const string Range = "\"subnet\": \"198.18.77.0/29\"";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("host-local-");

    public override void Dispose()
    {
        _directory.Delete(recursive: true);
        base.Dispose();
    }

    private (string Output, FakeHost Host) Run(
        string command, string ipam = Range, string containerId = "c1", int expect = 0, string members = "")
    {
        FakeHost host = TestCall.HostFor(
            command, $"\"ipam\": {{\"type\": \"host-local\", \"dataDir\": \"{_directory}\", {ipam}}}{members}");
        host["CNI_CONTAINERID"] = containerId;
        // Paths mean nothing here, so everybody counts as alive.
        host["CNI_NETNS"] = "vm";
        int status = Node.Run(() => CniProgram.Run(host, new HostLocalPlugin(AttachmentRemains.Remove), ErrorTranslation.Translate));
        string output = string.Concat(host.Outputs);
        Assert.True(status == expect, $"{command}: {output}");
        return (output, host);
    }

    private string Add(string containerId = "c1", string ipam = Range)
    {
        CniResult result = CniResult.Parse(Encoding.UTF8.GetBytes(Run("ADD", ipam, containerId).Output), "1.1.0");
        Assert.Empty(result.Interfaces);
        return string.Join(' ', result.Ips.Select(ip => $"{ip.Address} {IpText.Format(ip.Gateway!)}"));
    }

    private void Fill()
    {
        foreach (int i in Enumerable.Range(2, 5))
            Assert.Equal($"198.18.77.{i}/29 198.18.77.1", Add($"c{i}"));
    }

    [Fact]
    public void ADD_tells_address_gateway_routes_and_dns()
    {
        string resolvConf = Path.Combine(_directory.FullName, "resolv.conf");
        File.WriteAllText(resolvConf, "nameserver 192.0.2.1\nsearch a b\n");
        CniResult result = CniResult.Parse(
            Encoding.UTF8.GetBytes(
                Run("ADD", $"{Range}, \"resolvConf\": \"{resolvConf}\", \"routes\": [{{\"dst\": \"0.0.0.0/0\", \"mtu\": 1400}}]").Output),
            "1.1.0");
        Assert.Equal("198.18.77.2/29", Assert.Single(result.Ips).Address.ToString());
        Assert.Null(result.Ips[0].Interface);
        Assert.Equal(1400u, Assert.Single(result.Routes).Mtu);
        Assert.Equal(["192.0.2.1"], result.Dns!.Nameservers);
        Assert.Equal(["a", "b"], result.Dns.Search);
    }

    [Fact]
    public void Resolv_conf_that_cannot_be_read_costs_no_address()
    {
        string answer = Run("ADD", $"{Range}, \"resolvConf\": \"{_directory}/absent\"", expect: 1).Output;
        Assert.Contains("\"code\": 7", answer, StringComparison.Ordinal);
        Assert.Equal("198.18.77.2/29 198.18.77.1", Add());
    }

    [Fact]
    public void CHECK_passes_while_an_address_is_held()
    {
        Assert.Contains("\"code\": 104", Run("CHECK", expect: 1).Output, StringComparison.Ordinal);
        _ = Add();
        _ = Run("CHECK");
        _ = Run("DEL");
        string answer = Run("CHECK", expect: 1).Output;
        Assert.Contains("container c1 holds no address for eth0 in network pods", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void DEL_may_be_repeated_and_needs_no_good_ranges()
    {
        _ = Add();
        _ = Run("DEL", "\"subnet\": 5, \"routes\": [{}]");
        _ = Run("DEL");
        Assert.Contains("\"code\": 104", Run("CHECK", expect: 1).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Second_ADD_of_one_attachment_is_refused()
    {
        _ = Add();
        string answer = Run("ADD", expect: 1).Output;
        Assert.Contains("\"code\": 103", answer, StringComparison.Ordinal);
        Assert.Contains("198.18.77.2", answer, StringComparison.Ordinal);
        _ = Run("CHECK");
    }

    [Fact]
    public void Full_range_is_told_by_ADD_and_on_stderr_by_STATUS()
    {
        Fill();
        string answer = Run("ADD", containerId: "more", expect: 1).Output;
        Assert.Contains("\"code\": 102", answer, StringComparison.Ordinal);
        Assert.Contains("198.18.77.1-198.18.77.6", answer, StringComparison.Ordinal);
        (string output, FakeHost host) = Run("STATUS");
        Assert.Empty(output);
        Assert.Contains(
            "no address is free in range set 198.18.77.1-198.18.77.6 of network pods: 5 are held",
            Assert.Single(host.Errors),
            StringComparison.Ordinal);
        Assert.Contains(
            "\"code\": 50", Run("STATUS", $"{Range}, \"statusOnExhaustion\": true", expect: 1).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void STATUS_is_silent_while_addresses_are_free()
    {
        _ = Add();
        (string output, FakeHost host) = Run("STATUS", $"{Range}, \"statusOnExhaustion\": true");
        Assert.Empty(output);
        Assert.Empty(host.Errors);
    }

    [Fact]
    public void Directory_that_cannot_be_used_is_named()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "pods"), "no directory");
        Assert.Contains("\"code\": 50", Run("STATUS", expect: 1).Output, StringComparison.Ordinal);
        string answer = Run("ADD", expect: 1).Output;
        Assert.Contains("\"code\": 5,", answer, StringComparison.Ordinal);
        Assert.Contains($"{_directory}/pods", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void STATUS_refuses_a_range_that_an_ADD_would_refuse() =>
        Assert.Contains("\"code\": 7", Run("STATUS", "\"subnet\": \"198.18.77.1/29\"", expect: 1).Output, StringComparison.Ordinal);

    [Fact]
    public void GC_frees_what_the_runtime_does_not_name()
    {
        _ = Add("c1");
        _ = Add("c2");
        _ = Run("GC", members: ", \"cni.dev/valid-attachments\": [{\"containerID\": \"c1\", \"ifname\": \"eth0\"}]");
        _ = Run("CHECK", containerId: "c1");
        _ = Run("CHECK", containerId: "c2", expect: 1);
    }

    [Fact]
    public void Requested_address_that_another_holds_is_refused()
    {
        _ = Add("c2");
        FakeHost host = TestCall.HostFor("ADD", $"\"ipam\": {{\"dataDir\": \"{_directory}\", {Range}}}", args: "IP=198.18.77.2");
        Assert.Equal(1, Node.Run(() => CniProgram.Run(host, new HostLocalPlugin(AttachmentRemains.Remove), ErrorTranslation.Translate)));
        Assert.Contains("\"code\": 103", host.Output, StringComparison.Ordinal);
        Assert.Contains("c2", host.Output, StringComparison.Ordinal);
    }
}
