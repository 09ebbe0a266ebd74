using System.Diagnostics;
using System.Globalization;
using System.Text;
using EndToEnd.Sandbox;

namespace EndToEnd.Reliability;

/// <summary>
/// Calls plugins in a sandbox through <c>caller.c</c>, one at a time and at the price of a fork; can kill or hold one at an exact system
/// call.
/// </summary>
public sealed class Caller : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private Caller(Process process) => _process = process;

    /// <summary>Compiles the program, static so that it runs in bare roots too; its path is the same inside and outside.</summary>
    public static string Compile(RuntimeSandbox sandbox)
    {
        string program = Path.Combine(sandbox.Directory, "caller");
        string source = Path.Combine(AppContext.BaseDirectory, "Reliability", "caller.c");
        using RunningCommand compiler = RunningCommand.Start(
            ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o", program, source]);
        _ = compiler.WaitForExit().Expect(exitCode: 0);
        return program;
    }

    /// <param name="sandbox">Where.</param>
    /// <param name="command">The compiled program, behind chroot(1) or the like where it shall run there.</param>
    public static Caller Start(RuntimeSandbox sandbox, params IReadOnlyList<string> command)
    {
        IReadOnlyList<string> line = sandbox.Enter(command);
        ProcessStartInfo start = new(line[0], line.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return new Caller(Process.Start(start)!);
    }

    /// <param name="program">The executable.</param>
    /// <param name="environment">All that it sees, <c>NAME=value</c> each.</param>
    /// <param name="input">Standard input.</param>
    /// <param name="instant">Kills it at the entry of its so manieth system call; 0: counts them; null: does neither.</param>
    /// <param name="whileHeld">
    /// Is done while the call is held at that instant, instead of killing it; not at all if the call ends before.
    /// </param>
    public CallResult Call(string program, IEnumerable<byte[]> environment, byte[] input, long? instant = null, Action? whileHeld = null)
    {
        byte[] path = Encoding.UTF8.GetBytes(program);
        byte[] variables = [.. environment.SelectMany(static variable => variable.Append((byte)0))];
        Stream stdin = _process.StandardInput.BaseStream;
        stdin.Write(Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{instant ?? -1} {(whileHeld is null ? 0 : 1)} {s_limit.TotalMilliseconds} {path.Length} {variables.Length} "
            + $"{input.Length}\n")));
        stdin.Write(path);
        stdin.Write(variables);
        stdin.Write(input);
        stdin.Flush();

        Stream stdout = _process.StandardOutput.BaseStream;
        string line = ReadLine(stdout);
        if (line == "held")
        {
            whileHeld!();
            stdin.WriteByte((byte)'\n');
            stdin.Flush();
            line = ReadLine(stdout);
        }
        long[] head = [.. line.Split(' ').Select(static number => long.Parse(number, CultureInfo.InvariantCulture))];
        return new CallResult((int)head[0], head[1], ReadText(stdout, head[2]), ReadText(stdout, head[3]));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string ReadLine(Stream stream)
    {
        StringBuilder line = new();
        for (int next; (next = stream.ReadByte()) != '\n'; _ = line.Append((char)next))
            Assert.True(next >= 0, "caller ended; its words are on standard error");
        return line.ToString();
    }

    private static string ReadText(Stream stream, long length)
    {
        byte[] bytes = new byte[length];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}
