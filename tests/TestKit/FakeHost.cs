using System.Text;
using Cni;
using Linux;

namespace TestKit;

/// <summary>The edges of a process in memory.</summary>
public sealed class FakeHost : ICniHost
{
    private readonly Dictionary<string, string> _variables = [];

    public FakeHost(string command = "")
    {
        if (command.Length > 0)
            _variables["CNI_COMMAND"] = command;
    }

    public string Input { get; set; } = "";

    public byte[]? RawInput { get; set; }

    public bool InputMayBeRead { get; set; } = true;

    public bool InputIsBroken { get; set; }

    public bool OutputIsBroken { get; set; }

    public List<string> Outputs { get; } = [];

    public List<string> Errors { get; } = [];

    public string Output => Assert.Single(Outputs);

    public IReadOnlyCollection<KeyValuePair<string, string>> Variables => _variables;

    public string this[string name]
    {
        set => _variables[name] = value;
    }

    /// <summary>A complete environment for the verb; CNI_NETNS is left out where no namespace is at hand.</summary>
    public static FakeHost For(string command, string input = """{"cniVersion": "1.1.0", "name": "net1", "type": "fake"}""") => new(command)
    {
        ["CNI_CONTAINERID"] = "c1",
        ["CNI_NETNS"] = "/run/netns/absent",
        ["CNI_IFNAME"] = "eth0",
        ["CNI_PATH"] = "/opt/cni/bin",
        Input = input,
    };

    public string Variable(string name) => _variables.GetValueOrDefault(name, "");

    public ReadOnlyMemory<byte> ReadInput()
    {
        Assert.True(InputMayBeRead, "stdin was read");
        if (InputIsBroken)
            throw new LinuxException(Errno.EBADF, "read");
        return RawInput ?? Encoding.UTF8.GetBytes(Input);
    }

    public void WriteOutput(ReadOnlySpan<byte> answer)
    {
        if (OutputIsBroken)
            throw new LinuxException(Errno.EPIPE, "write");
        Outputs.Add(Encoding.UTF8.GetString(answer));
    }

    public void WriteError(string line) => Errors.Add(line);
}
