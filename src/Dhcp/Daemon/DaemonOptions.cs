using System.Globalization;
using Dhcp.Client;

namespace Dhcp.Daemon;

/// <summary>
/// The flags of <c>dhcp daemon</c>, in the forms of Go's flag package: <c>-x v</c>, <c>-x=v</c>, and both with two dashes.
/// </summary>
internal sealed record DaemonOptions
{
    public const string Usage =
        """
        usage: dhcp daemon [flags]
          -pidfile path          write the process ID there
          -hostprefix path       where the host's file system begins; put before paths of namespaces, socket and leases
          -socketpath path       where to listen (/run/cni/dhcp.sock)
          -statedir path         where leases are kept (/run/cni/dhcp)
          -broadcast             ask servers to broadcast their answers
          -timeout duration      the first of three spans for which an answer is awaited, each twice the one before (10s)
          -resendmax duration    how long pauses between attempts grow (1m2s)
          -resendtimeout duration  for how long an address is sought (3m28s)
        """;

    public string PidFile { get; private set; } = "";

    public string HostPrefix { get; private set; } = "";

    public string SocketPath { get; private set; } = DaemonClient.DefaultSocketPath;

    public string StateDirectory { get; private set; } = "/run/cni/dhcp";

    public bool Broadcast { get; private set; }

    public ClientTimeouts Timeouts { get; private set; } = new();

    /// <summary>Reads the flags.</summary>
    /// <param name="arguments">What stands behind <c>daemon</c>.</param>
    /// <param name="options">What they say; null if they cannot be read, or ask for help.</param>
    /// <param name="text">What is wrong with them, and the usage.</param>
    public static bool TryParse(ReadOnlySpan<string> arguments, out DaemonOptions? options, out string text)
    {
        DaemonOptions read = new();
        (options, text) = (null, "");
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            if (argument == "--")
                break;
            (string name, string? value) = Split(argument);
            if (name is "h" or "help")
            {
                text = Usage;
                return false;
            }
            // A boolean flag takes no value of the next argument.
            if (value is null && name != "broadcast" && i + 1 < arguments.Length)
                value = arguments[++i];
            if (read.Problem(name, value) is { } problem)
            {
                text = $"{argument}: {problem}\n{Usage}";
                return false;
            }
        }
        if (read.PidFile.Length > 0 && !Path.IsPathFullyQualified(read.PidFile))
        {
            text = $"-pidfile {read.PidFile}: must be an absolute path\n{Usage}";
            return false;
        }
        options = read;
        return true;
    }

    private static (string Name, string? Value) Split(string argument)
    {
        string name = argument.StartsWith("--", StringComparison.Ordinal) ? argument[2..] : argument.StartsWith('-') ? argument[1..] : "";
        int equals = name.IndexOf('=');
        return equals < 0 ? (name, null) : (name[..equals], name[(equals + 1)..]);
    }

    /// <summary>Sets a flag.</summary>
    /// <returns>What is wrong with it; null if nothing is.</returns>
    private string? Problem(string name, string? value)
    {
        string text = value ?? "";
        switch (name)
        {
            case "broadcast":
                // The values of Go's strconv.ParseBool.
                Broadcast = value is null or "1" or "t" or "T" or "true" or "TRUE" or "True";
                return Broadcast || value is "0" or "f" or "F" or "false" or "FALSE" or "False" ? null : "expected true or false";
            case "pidfile" or "hostprefix" or "socketpath" or "statedir" or "timeout" or "resendmax" or "resendtimeout" when value is null:
                return "needs a value";
            case "pidfile":
                PidFile = text;
                return null;
            case "hostprefix":
                HostPrefix = text;
                return null;
            case "socketpath":
                SocketPath = text;
                return null;
            case "statedir":
                StateDirectory = text;
                return null;
            case "timeout" or "resendmax" or "resendtimeout":
                if (ParseDuration(text) is not { } duration)
                    return "expected a duration such as 10s or 1m30s";
                Timeouts = name switch
                {
                    "timeout" => Timeouts with { Answer = duration },
                    "resendmax" => Timeouts with { ResendMax = duration },
                    _ => Timeouts with { ResendTimeout = duration },
                };
                return null;
            default:
                return "no such flag";
        }
    }

    /// <summary>
    /// A duration as Go writes it: numbers with units behind (<c>h</c>, <c>m</c>, <c>s</c>, <c>ms</c>, <c>us</c>, <c>ns</c>); null if it is
    /// none above zero.
    /// </summary>
    internal static TimeSpan? ParseDuration(ReadOnlySpan<char> text)
    {
        const double Longest = 1e9;
        double seconds = 0;
        while (!text.IsEmpty)
        {
            int digits = NumberLength(text);
            if (digits == text.Length
                || !double.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
            {
                return null;
            }
            text = text[digits..];
            int letters = 0;
            while (letters < text.Length && NumberLength(text[letters..]) == 0)
                letters++;
            double unit = text[..letters] switch
            {
                "h" => 3600,
                "m" => 60,
                "s" => 1,
                "ms" => 1e-3,
                "us" or "µs" => 1e-6,
                "ns" => 1e-9,
                _ => double.NaN,
            };
            seconds += number * unit;
            text = text[letters..];
        }
        return seconds is > 0 and < Longest ? TimeSpan.FromSeconds(seconds) : null;
    }

    private static int NumberLength(ReadOnlySpan<char> text)
    {
        int length = 0;
        while (length < text.Length && (char.IsAsciiDigit(text[length]) || text[length] == '.'))
            length++;
        return length;
    }
}
