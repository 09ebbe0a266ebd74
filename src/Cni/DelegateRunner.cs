using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Linux;
using Linux.Files;
using Linux.Processes;

namespace Cni;

/// <summary>
/// Executes another plugin for this one, as the specification's section 4 says: the same stdin byte for byte, the same environment but for
/// CNI_COMMAND, its stderr passed on, its stdout kept. The only place that starts a process.
/// </summary>
/// <param name="type">The configuration's name for it, for example <c>ipam.type</c>.</param>
/// <param name="call">The call that is being served.</param>
public sealed class DelegateRunner(string type, CniInvocation call)
{
    private const int RetriesWhileReplaced = 6;

    private static readonly TimeSpan s_retryInterval = TimeSpan.FromSeconds(1);

    /// <summary>Passes the time between attempts while somebody is still writing the executable (ETXTBSY).</summary>
    internal Action<TimeSpan> Wait { get; init; } = Thread.Sleep;

    /// <summary>After which the delegate is killed, so that an ADD can still be undone while its runtime waits.</summary>
    internal TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(80);

    /// <summary>For a delegate that has ended while a child of its own keeps its streams open.</summary>
    internal TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The executable: the first regular file of that name along CNI_PATH, links followed; null if there is none. A relative directory
    /// would be one of whatever the runtime's working directory is just then, and is passed over.
    /// </summary>
    /// <exception cref="CniException"><see cref="CniErrorCode.InvalidNetworkConfig"/>: the type is no file name.</exception>
    public static string? Find(string type, IReadOnlyList<string> path)
    {
        if (type.Length == 0 || type.AsSpan().ContainsAny('/', '\0'))
            throw CniException.InvalidConfig($"plugin type \"{type}\" is invalid: it must be the name of an executable in CNI_PATH");
        foreach (string directory in path)
        {
            string file = $"{directory}/{type}";
            if (directory.StartsWith('/') && TryGetStatus(file) is { IsRegular: true })
                return file;
        }
        return null;
    }

    /// <summary>ADD.</summary>
    /// <returns>The delegate's result, whatever its version.</returns>
    /// <exception cref="CniException">The delegate is missing or failed; its code, its message behind its name.</exception>
    /// <exception cref="TimeoutException">It took too long and was killed.</exception>
    public CniResult Add()
    {
        byte[] answer = Run(CniVerb.Add);
        if (answer.Length == 0)
            throw new CniException(CniErrorCode.DelegateFailure, $"{type}: succeeded without a result");
        return CniResult.Parse(answer, call.CniVersion, $"result of {type}");
    }

    /// <inheritdoc cref="Add"/>
    public void Del() => _ = Run(CniVerb.Del);

    /// <inheritdoc cref="Add"/>
    public void Check() => _ = Run(CniVerb.Check);

    /// <inheritdoc cref="Add"/>
    public void Status() => _ = Run(CniVerb.Status);

    /// <inheritdoc cref="Add"/>
    public void Gc() => _ = Run(CniVerb.Gc);

    private byte[] Run(CniVerb verb)
    {
        string file = Find(type, call.Path) ?? throw new CniException(
            verb == CniVerb.Status ? CniErrorCode.PluginNotAvailable : CniErrorCode.DelegateFailure,
            $"plugin \"{type}\" not found in CNI_PATH [{string.Join(':', call.Path)}]"
            + (call.Path.All(static directory => directory.StartsWith('/')) ? "" : ", of which relative directories are not searched"));
        using Process process = Start(file, verb);
        DelegateStreams streams = Connect(process);
        if (!process.WaitForExit(TimeLimit))
        {
            End(process);
            throw new TimeoutException($"{type}: {verb.ToCommand()} took longer than {TimeLimit.TotalSeconds:0} s and was killed");
        }
        streams.Drain(DrainLimit);
        if (streams.OutputIsTooLong)
        {
            throw new CniException(CniErrorCode.DelegateFailure,
                $"{type}: {verb.ToCommand()} answered with more than {StandardStreams.MaxInput} bytes");
        }
        foreach (string line in streams.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            call.Host.WriteError(line);
        return process.ExitCode == 0 ? streams.Output : throw Failure(process.ExitCode, streams);
    }

    private DelegateStreams Connect(Process process)
    {
        try
        {
            return new DelegateStreams(process, call.Input);
        }
        catch
        {
            // No thread for a stream: a delegate that nobody hears must not go on.
            End(process);
            throw;
        }
    }

    private void End(Process process)
    {
        process.Kill(entireProcessTree: true);
        _ = process.WaitForExit(DrainLimit);
    }

    private Process Start(string file, CniVerb verb)
    {
        ProcessStartInfo start = new(file)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in call.Host.Variables)
            start.Environment[name] = value;
        start.Environment["CNI_COMMAND"] = verb.ToCommand();
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return Signals.ForProgram(() => Process.Start(start)!);
            }
            catch (Win32Exception e) when (e.NativeErrorCode == (int)Errno.ETXTBSY && attempt < RetriesWhileReplaced)
            {
                Wait(s_retryInterval);
            }
            catch (Win32Exception e)
            {
                // Busy, or no room for one more process or its descriptors.
                bool passes = (Errno)e.NativeErrorCode is Errno.ETXTBSY or Errno.EAGAIN or Errno.ENOMEM or Errno.EMFILE or Errno.ENFILE;
                throw new CniException(
                    passes ? CniErrorCode.TryAgainLater : CniErrorCode.DelegateFailure,
                    $"{type}: cannot execute {file}: {(Errno)e.NativeErrorCode}", inner: e);
            }
        }
    }

    private CniException Failure(int status, DelegateStreams streams)
    {
        if (ErrorAnswer.TryRead(streams.Output, type) is { } error)
            return error;
        string said = streams.Output.Length > 0 ? Encoding.UTF8.GetString(streams.Output) : streams.Error;
        return new CniException(CniErrorCode.DelegateFailure,
            $"{type}: failed with exit status {status} and no error message", said.Trim());
    }

    /// <summary>The status of a candidate; null for whatever cannot be reached.</summary>
    private static FileStatus? TryGetStatus(string file)
    {
        try
        {
            return FileStatus.TryGet(file);
        }
        catch (LinuxException)
        {
            return null;
        }
    }
}
