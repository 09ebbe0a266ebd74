using Dhcp.Daemon;

namespace Dhcp.Tests.Daemon;

public sealed class DaemonOptionsTests
{
    private static DaemonOptions Read(params string[] arguments)
    {
        Assert.True(DaemonOptions.TryParse(arguments, out DaemonOptions? options, out string text), text);
        return options!;
    }

    private static string Refused(params string[] arguments)
    {
        Assert.False(DaemonOptions.TryParse(arguments, out DaemonOptions? options, out string text));
        Assert.Null(options);
        return text;
    }

    [Fact]
    public void Defaults_are_the_references()
    {
        DaemonOptions options = Read();
        Assert.Equal(
            ("", "", "/run/cni/dhcp.sock", "/run/cni/dhcp", false),
            (options.PidFile, options.HostPrefix, options.SocketPath, options.StateDirectory, options.Broadcast));
        Assert.Equal(
            (10, 62, 208),
            (options.Timeouts.Answer.TotalSeconds, options.Timeouts.ResendMax.TotalSeconds, options.Timeouts.ResendTimeout.TotalSeconds));
    }

    [Fact]
    public void Flags_have_all_forms_of_Go()
    {
        DaemonOptions options = Read(
            "-pidfile",
            "/run/d.pid",
            "--hostprefix=/host",
            "-socketpath=/run/s",
            "--timeout",
            "2s",
            "-resendmax=8s",
            "-resendtimeout",
            "1m30s",
            "-broadcast",
            "-statedir",
            "/x");
        Assert.Equal(
            ("/run/d.pid", "/host", "/run/s", "/x", true),
            (options.PidFile, options.HostPrefix, options.SocketPath, options.StateDirectory, options.Broadcast));
        Assert.Equal(
            (2, 8, 90),
            (options.Timeouts.Answer.TotalSeconds, options.Timeouts.ResendMax.TotalSeconds, options.Timeouts.ResendTimeout.TotalSeconds));
        Assert.False(Read("-broadcast=false").Broadcast);
        Assert.True(Read("--broadcast=1").Broadcast);
        Assert.Equal("", Read("--", "-pidfile").PidFile);
    }

    [Theory]
    [InlineData("no such flag", "-nosuch")]
    [InlineData("no such flag", "stray")]
    [InlineData("needs a value", "-pidfile")]
    [InlineData("absolute", "-pidfile", "d.pid")]
    [InlineData("duration", "-timeout", "10")]
    [InlineData("duration", "-timeout=")]
    [InlineData("duration", "-timeout", "0s")]
    [InlineData("duration", "-timeout", "-5s")]
    [InlineData("true or false", "-broadcast=yes")]
    public void Wrong_flags_are_refused_with_the_usage(string word, params string[] arguments)
    {
        string text = Refused(arguments);
        Assert.Contains(word, text, StringComparison.Ordinal);
        Assert.EndsWith(DaemonOptions.Usage, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_is_the_usage() => Assert.Equal(DaemonOptions.Usage, Refused("-help"));

    [Theory]
    [InlineData("1h2m3.5s", 3723.5)]
    [InlineData("100ms", 0.1)]
    [InlineData("1us", 0.000001)]
    public void Durations_are_Gos(string text, double seconds) =>
        Assert.Equal(seconds, DaemonOptions.ParseDuration(text)!.Value.TotalSeconds);
}
