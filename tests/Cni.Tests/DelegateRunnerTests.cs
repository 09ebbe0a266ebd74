using System.Text;
using Linux.Processes;
using TestKit;

namespace Cni.Tests;

/// <summary>Delegates are shell scripts in a directory of the test.</summary>
public sealed class DelegateRunnerTests : IDisposable
{
    private const string Config = " { \"cniVersion\": \"1.1.0\",\t\"name\": \"net1\", \"x\": null, \"ipam\": {\"type\": \"ipam\"} } \n";

    private readonly string _directory = Directory.CreateTempSubdirectory("cni-delegate-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("ADD")]
    [InlineData("DEL")]
    [InlineData("CHECK")]
    [InlineData("STATUS")]
    [InlineData("GC")]
    [Trait("Conformance", "C71")]
    [Trait("Conformance", "C73")]
    public void Delegate_gets_the_same_stdin_and_environment(string command)
    {
        WriteScript("ipam", """cat > "$0.stdin"; env > "$0.env"; [ "$CNI_COMMAND" = ADD ] && echo '{"ips": []}'; exit 0""");
        FakeHost host = HostFor(command);
        host["EXTRA"] = "a b=c\n\td";
        Assert.Equal(0, CniProgram.Run(host, Forwarding()));
        Assert.Equal(Config, File.ReadAllText($"{_directory}/ipam.stdin"));
        string environment = File.ReadAllText($"{_directory}/ipam.env");
        foreach ((string name, string value) in host.Variables)
            Assert.Contains($"{name}={value}\n", environment, StringComparison.Ordinal);
        Assert.Contains($"CNI_COMMAND={command}\n", environment, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "C32")]
    [Trait("Conformance", "C73")]
    public void Rollback_inside_an_add_sends_DEL()
    {
        WriteScript("ipam", """echo "$CNI_COMMAND" >> "$0.calls"; echo '{"ips": []}'""");
        FakePlugin plugin = new()
        {
            OnAdd = invocation =>
            {
                DelegateRunner ipam = new("ipam", invocation);
                _ = ipam.Add();
                ipam.Del();
                throw new CniException(CniErrorCode.KernelFailure, "no link");
            },
        };
        Assert.Equal(101, Answer.Error(HostFor("ADD"), plugin).Code);
        Assert.Equal(["ADD", "DEL"], File.ReadAllLines($"{_directory}/ipam.calls"));
    }

    [Theory]
    [InlineData("""{"ips": [{"address": "10.1.2.3/24", "gateway": "10.1.2.1"}]}""")]
    [InlineData("""{"cniVersion": "0.2.0", "ip4": {"ip": "10.1.2.3/24", "gateway": "10.1.2.1"}}""")]
    [InlineData("""{"cniVersion": "0.4.0", "ips": [{"version": "4", "address": "10.1.2.3/24", "gateway": "10.1.2.1"}]}""")]
    public void Result_of_any_version_is_read(string result)
    {
        WriteScript("ipam", $"echo '{result}'");
        FakeHost host = HostFor("ADD");
        string ips = Answer.Result(host, Forwarding()).GetProperty("ips").ToString();
        Assert.Contains("10.1.2.3/24", ips, StringComparison.Ordinal);
        Assert.Contains("10.1.2.1", ips, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """echo '{"code": 102, "msg": "range is full", "details": "10.0.0.0/30"}'; exit 1""", 102, "ipam: range is full", "10.0.0.0/30")]
    [InlineData("""echo '{"Code": 999, "Msg": "old"}'; exit 3""", 999, "ipam: old", "")]
    [InlineData("""echo '{"code": 0, "msg": "nameless"}'; exit 1""", 105, "ipam: nameless", "")]
    [InlineData("""echo '{"code": 42, "msg": "reserved"}'; exit 1""", 105, "ipam: reserved", "")]
    [InlineData("""echo '{"code": 11}'; exit 1""", 11, "ipam: failed without a message", "")]
    [InlineData("echo panic >&2; exit 2", 105, "ipam: failed with exit status 2 and no error message", "panic")]
    [InlineData("echo no json; exit 2", 105, "ipam: failed with exit status 2 and no error message", "no json")]
    [InlineData("kill -9 $$", 105, "ipam: failed with exit status 137 and no error message", "")]
    [InlineData("exit 0", 105, "ipam: succeeded without a result", "")]
    [InlineData("echo garbage", 6, "result of ipam is not valid JSON", "")]
    [Trait("Conformance", "C33")]
    [Trait("Conformance", "C62")]
    [Trait("Conformance", "C76")]
    public void Failure_keeps_its_code_and_gets_the_delegates_name(string script, int expectedCode, string problem, string expectedDetails)
    {
        WriteScript("ipam", script);
        (int code, string message, string details) = Answer.Error(HostFor("ADD"), Forwarding());
        Assert.Contains(problem, message, StringComparison.Ordinal);
        Assert.Equal((expectedCode, expectedDetails), (code, details));
    }

    [Fact]
    [Trait("Conformance", "C75")]
    public void Stderr_is_passed_on_and_stdout_is_not()
    {
        WriteScript("ipam", """echo warning one >&2; echo warning two >&2; echo '{"ips": [], "marker": "inner"}'""");
        FakeHost host = HostFor("DEL");
        Answer.Silence(host, Forwarding());
        Assert.Equal(["warning one", "warning two"], host.Errors);
    }

    [Fact]
    [Trait("Conformance", "C75")]
    public void Streams_larger_than_pipes_do_not_block()
    {
        // Writes much to both streams before it reads its large stdin.
        WriteScript("ipam", """
            i=0; while [ $i -lt 3000 ]; do echo "0123456789012345678901234567890123456789" >&2; i=$((i+1)); done
            printf '{"x": "'; i=0; while [ $i -lt 3000 ]; do printf 0123456789012345678901234567890123456789; i=$((i+1)); done; echo '"}'
            cat > "$0.stdin"
            """);
        FakeHost host = HostFor("ADD");
        host.Input = Config + new string(' ', 500_000);
        Assert.Equal(0, CniProgram.Run(host, Forwarding()));
        Assert.Equal(3000, host.Errors.Count);
        Assert.Equal(host.Input.Length, new FileInfo($"{_directory}/ipam.stdin").Length);
        Assert.Contains(new string('9', 1), host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Delegate_that_ignores_its_stdin_is_no_error()
    {
        WriteScript("ipam", "exec 0<&-; exit 0");
        FakeHost host = HostFor("DEL");
        host.Input = Config + new string(' ', 500_000);
        Answer.Silence(host, Forwarding());
    }

    [Fact]
    [Trait("Conformance", "C74")]
    public void First_regular_file_along_the_path_is_chosen()
    {
        foreach (string name in new[] { "a", "b", "c" })
            _ = Directory.CreateDirectory($"{_directory}/{name}");
        _ = Directory.CreateDirectory($"{_directory}/a/ipam");
        File.WriteAllText($"{_directory}/c/ipam", "");
        File.WriteAllText($"{_directory}/target", "");
        _ = File.CreateSymbolicLink($"{_directory}/b/ipam", "../target");
        string[] path = ["", "/nonexistent", "/etc/passwd", .. new[] { "a", "b", "c" }.Select(name => $"{_directory}/{name}")];
        Assert.Equal($"{_directory}/b/ipam", DelegateRunner.Find("ipam", path[1..]));
        Assert.Null(DelegateRunner.Find("absent", path[1..]));
    }

    [Fact]
    public void Relative_directory_is_passed_over()
    {
        _ = Directory.CreateDirectory($"{_directory}/a");
        File.WriteAllText($"{_directory}/a/ipam", "");
        string relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), $"{_directory}/a");
        Assert.True(File.Exists($"{relative}/ipam"));
        Assert.Null(DelegateRunner.Find("ipam", [relative, ".", ""]));
        Assert.Equal($"{_directory}/a/ipam", DelegateRunner.Find("ipam", [relative, $"{_directory}/a"]));
        FakeHost host = HostFor("ADD");
        host["CNI_PATH"] = relative;
        (int code, string message, _) = Answer.Error(host, Forwarding());
        Assert.Equal(105, code);
        Assert.Equal($"plugin \"ipam\" not found in CNI_PATH [{relative}], of which relative directories are not searched", message);
    }

    [Fact]
    public void Answer_without_end_is_cut_off()
    {
        WriteScript("ipam", "exec cat /dev/zero");
        (int code, string message, _) = Answer.Error(HostFor("ADD"), Forwarding());
        Assert.Equal(105, code);
        Assert.Equal("ipam: ADD answered with more than 16777216 bytes", message);
    }

    [Fact]
    public void Of_what_is_said_without_end_the_beginning_is_kept()
    {
        WriteScript("ipam", """yes x | tr -d '\n' | head -c 5000000 >&2; echo '{"ips": []}'""");
        FakeHost host = HostFor("ADD");
        Assert.Equal(0, CniProgram.Run(host, Forwarding()));
        Assert.Equal(new string('x', 1024 * 1024), Assert.Single(host.Errors));
    }

    [Fact]
    public void Delegate_gets_the_signals_that_we_were_given()
    {
        Signals.IgnoreFileSizeLimit();
        WriteScript("ipam", """grep SigIgn /proc/self/status > "$0.signals"; echo '{"ips": []}'""");
        Assert.Equal(0, CniProgram.Run(HostFor("ADD"), Forwarding()));
        ulong ignored = Convert.ToUInt64(File.ReadAllText($"{_directory}/ipam.signals")[7..].Trim(), 16);
        // proc(5): bit 24 is SIGXFSZ, bit 12 SIGPIPE.
        Assert.Equal(0UL, ignored & (1UL << 24));
        Assert.Equal(0UL, ignored & (1UL << 12));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../ipam")]
    [InlineData("/bin/sh")]
    [InlineData("a\0b")]
    [Trait("Conformance", "C74")]
    public void Type_that_is_no_file_name_is_refused(string type)
    {
        CniException error = Assert.Throws<CniException>(() => DelegateRunner.Find(type, [_directory]));
        Assert.Equal(CniErrorCode.InvalidNetworkConfig, error.Code);
    }

    [Theory]
    [InlineData("ADD", 105)]
    [InlineData("DEL", 105)]
    [InlineData("STATUS", 50)]
    [Trait("Conformance", "C64")]
    public void Missing_delegate_is_an_error_that_names_the_path(string command, int expectedCode)
    {
        (int code, string message, _) = Answer.Error(HostFor(command), Forwarding());
        Assert.Equal(expectedCode, code);
        Assert.Equal($"plugin \"ipam\" not found in CNI_PATH [{_directory}]", message);
    }

    [Fact]
    [Trait("Conformance", "C64")]
    public void Failing_status_of_the_delegate_is_ours()
    {
        WriteScript("ipam", """echo '{"code": 51, "msg": "half dead"}'; exit 1""");
        Assert.Equal(51, Answer.Error(HostFor("STATUS"), Forwarding()).Code);
    }

    [Fact]
    public void File_that_cannot_be_executed_is_named()
    {
        File.WriteAllText($"{_directory}/ipam", "");
        (int code, string message, _) = Answer.Error(HostFor("ADD"), Forwarding());
        Assert.Equal(105, code);
        Assert.Equal($"ipam: cannot execute {_directory}/ipam: EACCES", message);
    }

    [Fact]
    public void Executable_that_is_being_replaced_is_tried_again()
    {
        WriteScript("ipam", """echo '{"ips": []}'""");
        int attempts = 0;
        // Open for writing makes execve fail with ETXTBSY until the file is closed.
        FileStream writer = new($"{_directory}/ipam", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        FakePlugin plugin = new()
        {
            OnAdd = invocation => new DelegateRunner("ipam", invocation)
            {
                Wait = _ =>
                {
                    if (++attempts == 2)
                        writer.Dispose();
                },
            }.Add(),
        };
        Assert.Equal(0, CniProgram.Run(HostFor("ADD"), plugin));
        Assert.Equal(2, attempts);
    }

    [Fact]
    public void Executable_that_stays_busy_is_given_up()
    {
        WriteScript("ipam", "exit 0");
        List<TimeSpan> waits = [];
        using FileStream writer = new($"{_directory}/ipam", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        FakePlugin plugin = new() { OnAdd = invocation => new DelegateRunner("ipam", invocation) { Wait = waits.Add }.Add() };
        (int code, string message, _) = Answer.Error(HostFor("ADD"), plugin);
        Assert.Equal(11, code);
        Assert.Contains("ETXTBSY", message, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromSeconds(1), 6), waits);
    }

    [Fact]
    public void Delegate_that_hangs_is_killed()
    {
        WriteScript("ipam", """echo $$ > "$0.pid"; exec sleep 1000""");
        FakePlugin plugin = new()
        {
            OnAdd = invocation => new DelegateRunner("ipam", invocation) { TimeLimit = TimeSpan.FromSeconds(1) }.Add(),
        };
        (int code, string message, _) = Answer.Error(HostFor("ADD"), plugin);
        Assert.Equal((11, "ipam: ADD took longer than 1 s and was killed"), (code, message));
        Assert.False(Directory.Exists($"/proc/{File.ReadAllText($"{_directory}/ipam.pid").Trim()}/cwd"));
    }

    [Fact]
    [Trait("Conformance", "C77")]
    public void Grandchild_that_keeps_the_streams_does_not_hang_us()
    {
        WriteScript("ipam", """sleep 1000 & echo $! > "$0.pid"; echo '{"ips": []}'""");
        try
        {
            FakePlugin plugin = new()
            {
                OnAdd = invocation => new DelegateRunner("ipam", invocation) { DrainLimit = TimeSpan.FromMilliseconds(300) }.Add(),
            };
            Assert.Equal(0, CniProgram.Run(HostFor("ADD"), plugin));
        }
        finally
        {
            System.Diagnostics.Process.GetProcessById(
                int.Parse(File.ReadAllText($"{_directory}/ipam.pid"), System.Globalization.CultureInfo.InvariantCulture))
                .Kill();
        }
    }

    private static FakePlugin Forwarding() => new()
    {
        OnAdd = invocation => new DelegateRunner("ipam", invocation).Add(),
        OnOther = invocation =>
        {
            DelegateRunner ipam = new("ipam", invocation);
            Action forward = invocation.Verb switch
            {
                CniVerb.Del => ipam.Del,
                CniVerb.Check => ipam.Check,
                CniVerb.Status => ipam.Status,
                _ => ipam.Gc,
            };
            forward();
        },
    };

    private FakeHost HostFor(string command)
    {
        FakeHost host = FakeHost.For(command, Config);
        host["CNI_PATH"] = _directory;
        host["PATH"] = "/usr/bin:/bin";
        return host;
    }

    private void WriteScript(string name, string body)
    {
        string file = $"{_directory}/{name}";
        // Written by another process: a descriptor of ours, open for writing, could be inherited by a delegate that another test starts,
        // and this script would be busy (ETXTBSY).
        using System.Diagnostics.Process writer = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", "cat > \"$0\" && chmod 755 \"$0\"", file },
            RedirectStandardInput = true,
        })!;
        writer.StandardInput.BaseStream.Write(Encoding.UTF8.GetBytes($"#!/bin/sh\n{body}\n"));
        writer.StandardInput.Close();
        writer.WaitForExit();
        Assert.Equal(0, writer.ExitCode);
    }
}
