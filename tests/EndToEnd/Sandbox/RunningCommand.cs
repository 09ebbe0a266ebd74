using System.Diagnostics;
using System.Text;

namespace EndToEnd.Sandbox;

/// <summary>A command that runs beside the test. Both outputs are drained from the start, so it never blocks on a full pipe.</summary>
public sealed class RunningCommand : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly Task<string> _output;
    private readonly StringBuilder _outputSoFar = new();
    private readonly string _line;

    private RunningCommand(Process process, string line)
    {
        _process = process;
        _line = line;
        _output = OnThread(() => Drain(process.StandardOutput));
        _error = OnThread(process.StandardError.ReadToEnd);
    }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it has written to standard output until now.</summary>
    public string OutputSoFar
    {
        get
        {
            lock (_outputSoFar)
                return _outputSoFar.ToString();
        }
    }

    /// <param name="command">The executable, looked up on PATH unless it holds a slash, and its arguments.</param>
    /// <param name="environment">All that the command sees; null: the tests' own environment.</param>
    /// <param name="input">Written to standard input, which is then closed; null: closed at once.</param>
    public static RunningCommand Start(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment = null, string? input = null)
    {
        ProcessStartInfo start = new(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        if (environment is not null)
        {
            start.Environment.Clear();
            foreach ((string name, string value) in environment)
                start.Environment[name] = value;
        }

        RunningCommand running = new(Process.Start(start)!, string.Join(' ', command));
        try
        {
            running._process.StandardInput.Write(input);
            running._process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The command closed its end before it had read everything: its exit status and outputs tell the rest.
        }

        return running;
    }

    /// <summary>Waits until standard output holds <paramref name="text"/> so many times; fails when the command ends first.</summary>
    public void WaitForOutput(string text, int times = 1)
    {
        DateTime end = DateTime.UtcNow + s_limit;
        lock (_outputSoFar)
        {
            while (_outputSoFar.ToString().Split(text).Length <= times)
            {
                TimeSpan left = end - DateTime.UtcNow;
                if (_output.IsCompleted || left <= TimeSpan.Zero || !Monitor.Wait(_outputSoFar, left))
                    Assert.Fail($"$ {_line}\ndid not say \"{text}\" but: {_outputSoFar}{(_error.IsCompleted ? _error.Result : "")}");
            }
        }
    }

    public void Kill() => _process.Kill();

    /// <summary>
    /// Sends SIGKILL when this time has passed, to a tenth of a millisecond; a command that has ended by then is left alone.
    /// </summary>
    public void KillAfter(TimeSpan delay)
    {
        long end = Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end)
            Thread.SpinWait(20);
        _process.Kill();
    }

    /// <summary>
    /// Waits for the exit and the end of both outputs; a command that takes longer than five minutes is killed and fails the test.
    /// </summary>
    public CommandResult WaitForExit()
    {
        if (!_process.WaitForExit(s_limit) || !Task.WaitAll([_output, _error], s_limit))
        {
            _process.Kill();
            Assert.Fail($"$ {_line}\ndid not end, or left a process that holds its output, within {s_limit}; it said: {_outputSoFar}");
        }

        CommandResult result = new(_line, _process.ExitCode, _output.Result, _error.Result);
        TestContext.Current.TestOutputHelper?.WriteLine(result.ToString());
        return result;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    // Not on the pool, which grows by one thread in half a second: tests run dozens of commands at a time.
    private static Task<string> OnThread(Func<string> read) =>
        Task.Factory.StartNew(read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private string Drain(StreamReader reader)
    {
        char[] buffer = new char[4096];
        int count;
        while ((count = reader.Read(buffer)) > 0)
        {
            lock (_outputSoFar)
            {
                _ = _outputSoFar.Append(buffer, 0, count);
                Monitor.PulseAll(_outputSoFar);
            }
        }

        lock (_outputSoFar)
        {
            Monitor.PulseAll(_outputSoFar);
            return _outputSoFar.ToString();
        }
    }
}
