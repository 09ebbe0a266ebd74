using System.Text;
using TestKit;

namespace Cni.Tests;

/// <summary>Whatever stands on stdin, the answer is one error with a code that tells whose fault it is: never 100.</summary>
public sealed class MutatedInputTests
{
    private const string Configuration = """
        {"cniVersion": "1.1.0", "name": "net1", "type": "fake", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.2.0/24"}]]},
         "dns": {"nameservers": ["10.0.0.1"], "domain": "\u00e9\ud83d\ude00", "x": -1.5e3}, "args": {"cni": {"ips": ["10.1.2.3"]}},
         "cni.dev/valid-attachments": [{"containerID": "c1", "ifname": "eth0"}],
         "prevResult": {"cniVersion": "1.1.0", "interfaces": [{"name": "eth0", "mac": "02:00:00:00:00:01", "mtu": 1500,
         "sandbox": "/run/netns/a"}],
          "ips": [{"address": "10.1.2.3/24", "gateway": "10.1.2.1", "interface": 0}], "routes": [{"dst": "0.0.0.0/0", "gw": "10.1.2.1"}],
          "é": [true, null]}}
        """;

    private static readonly string[] s_fragments =
    [
        "\"",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "x",
        "33",
        "null",
        "\\u0000",
        "\\ud800",
        "\0",
        "\n",
        "\u001f",
        "-",
        "1e999",
        "é",
        "\uFEFF",
        "\"name\":{},",
    ];

    [Theory]
    [InlineData("ADD")]
    [InlineData("DEL")]
    [InlineData("CHECK")]
    [InlineData("STATUS")]
    [InlineData("GC")]
    public void Cut_at_every_byte_it_is_no_json(string command)
    {
        byte[] whole = Encoding.UTF8.GetBytes(Configuration.TrimEnd());
        for (int length = 0; length < whole.Length; length++)
        {
            (int code, string message) = Call(command, whole[..length])!.Value;
            Assert.True(code == 6, $"{length} bytes: {code} {message}");
            Assert.Matches(length == 0 ? "is empty" : "is not valid JSON at line [0-9]+, column [0-9]+: ", message);
        }
    }

    [Theory]
    [InlineData("ADD")]
    [InlineData("DEL")]
    [InlineData("CHECK")]
    [InlineData("STATUS")]
    [InlineData("GC")]
    public void Changed_at_random_it_is_served_or_refused(string command)
    {
        byte[] whole = Encoding.UTF8.GetBytes(Configuration);
        for (int seed = 0; seed < 3000; seed++)
        {
            Random random = new(seed);
            List<byte> bytes = [.. whole];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                int at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at));
                        break;
                    default:
                        bytes.InsertRange(at, Encoding.UTF8.GetBytes(s_fragments[random.Next(s_fragments.Length)]));
                        break;
                }
            }
            if (Call(command, [.. bytes]) is { } error)
                Assert.True(error.Code is 1 or 6 or 7, $"seed {seed}: {error.Code} {error.Message}");
        }
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void Nested_without_end_it_is_refused(string open, string close)
    {
        string nested = string.Concat(Enumerable.Repeat(open, 100_000)) + "1" + string.Concat(Enumerable.Repeat(close, 100_000));
        (int code, string message) = Call(
            "ADD", Encoding.UTF8.GetBytes($$"""{"cniVersion": "1.1.0", "name": "net1", "x": {{nested}}}"""))!.Value;
        Assert.Equal(6, code);
        Assert.Contains("depth", message, StringComparison.Ordinal);
    }

    /// <summary>Runs a call of a plugin that looks at everything; its error, or null if it succeeds.</summary>
    private static (int Code, string Message)? Call(string command, byte[] input)
    {
        FakeHost host = FakeHost.For(command);
        host.RawInput = input;
        FakePlugin plugin = new() { OnAdd = LookAtAll, OnOther = static call => LookAtAll(call) };
        if (CniProgram.Run(host, plugin) == 0)
            return null;
        CniException error = ErrorAnswer.TryRead(Encoding.UTF8.GetBytes(host.Output), "fake")!;
        Assert.DoesNotContain("   at ", error.Details, StringComparison.Ordinal);
        return ((int)error.Code, error.Message);
    }

    private static CniResult LookAtAll(CniInvocation call)
    {
        _ = (call.IpamType, call.Dns, call.ValidAttachments);
        return call.PrevResult ?? FakePlugin.OneAddress(call);
    }
}
