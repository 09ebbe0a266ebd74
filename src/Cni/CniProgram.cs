using Linux;
using Linux.Files;

namespace Cni;

/// <summary>
/// Runs one call of one plugin from environment and stdin to the answer on stdout. Whatever happens, stdout carries at most one JSON
/// document. The order of the checks is that of libcni's skeleton, which callers have come to expect.
/// </summary>
public sealed class CniProgram
{
    private readonly ICniHost _host;
    private readonly Func<Exception, CniException?>? _translate;
    private ICniPlugin _plugin;
    private string _answerVersion = CniVersions.Newest;

    private CniProgram(ICniHost host, ICniPlugin plugin, Func<Exception, CniException?>? translate)
    {
        _host = host;
        _plugin = plugin;
        _translate = translate;
    }

    /// <summary>Serves the call.</summary>
    /// <param name="host">The process's edges.</param>
    /// <param name="plugin">Who serves it.</param>
    /// <param name="translate">
    /// Turns exceptions of layers that this one does not know into answers; null for those that it does not know either.
    /// </param>
    /// <returns>The exit status: 0 or 1.</returns>
    public static int Run(ICniHost host, ICniPlugin plugin, Func<Exception, CniException?>? translate = null) =>
        new CniProgram(host, plugin, translate).Run();

    private int Run()
    {
        try
        {
            Serve(CniEnvironment.Read(_host));
            return 0;
        }
        catch (OutputException e)
        {
            // A second document could only follow the torn first one.
            _host.WriteError(e.Message);
        }
        catch (Exception e)
        {
            AnswerError(ErrorTable.Answer(e, _translate));
        }
        return 1;
    }

    private void Serve(CniEnvironment environment)
    {
        if (environment.Command.Length == 0)
        {
            _host.WriteError($"CNI {_plugin.Type} plugin v{ProductVersion.Text}");
            _host.WriteError($"CNI protocol versions supported: {string.Join(", ", _plugin.SupportedVersions)}");
            return;
        }
        if (environment.Verb == CniVerb.Version)
        {
            // Before stdin is looked at: callers may leave it open and empty.
            // A line, since people read it, too.
            Output([.. WriteVersions(), (byte)'\n']);
            return;
        }
        environment.Validate();
        ReadOnlyMemory<byte> input = ReadInput();
        NetworkConfig config = NetworkConfig.Read(input.Span);
        if (CniVersions.FamilyOf(config.CniVersion) is not null)
            _answerVersion = config.CniVersion;
        _plugin = _plugin.For(input.Span);
        if (config.Name.Length == 0)
            throw CniException.InvalidConfig("network configuration: \"name\" is missing");
        if (!Identifier.IsValid(config.Name))
        {
            throw CniException.InvalidConfig($"network configuration: name is \"{config.Name}\", expected {Identifier.Rule}");
        }
        if (environment.Verb is not { } verb)
            throw new CniException(CniErrorCode.InvalidEnvironment, $"unknown CNI_COMMAND: {environment.Command}");
        CheckVersion(verb, config.CniVersion);
        using CniInvocation call = new(verb, _host, environment, input, config);
        Call(verb, call);
    }

    private void Call(CniVerb verb, CniInvocation call)
    {
        switch (verb)
        {
            case CniVerb.Add:
                CheckNamespace(call);
                Deliver(_plugin.Add(call), call);
                break;
            case CniVerb.Del:
                _plugin.Del(call);
                break;
            case CniVerb.Check:
                CheckNamespace(call);
                _plugin.Check(call);
                break;
            case CniVerb.Status:
                _plugin.Status(call);
                break;
            default:
                _plugin.Gc(call);
                break;
        }
    }

    /// <summary>Prints the result; if that fails the runtime sees a failed ADD, so nothing may stay.</summary>
    private void Deliver(CniResult result, CniInvocation call)
    {
        try
        {
            Output(result.ToJson(call.CniVersion));
        }
        catch
        {
            try
            {
                using CniInvocation undo = call.As(CniVerb.Del);
                _plugin.Del(undo);
            }
            catch (Exception e)
            {
                _host.WriteError($"undoing the ADD: {ErrorTable.Answer(e, _translate).Message}");
            }
            throw;
        }
    }

    private ReadOnlyMemory<byte> ReadInput()
    {
        try
        {
            return _host.ReadInput();
        }
        catch (LinuxException e)
        {
            throw new CniException(CniErrorCode.IOFailure, $"cannot read the network configuration from stdin: {e.Message}", inner: e);
        }
    }

    private void CheckVersion(CniVerb verb, string version)
    {
        if (CniVersions.OldestFor(verb) is var oldest and not CniVersions.Default)
        {
            Version parsed = CniVersions.TryParse(version)
                ?? throw new CniException(CniErrorCode.DecodingFailure, $"network configuration: cniVersion \"{version}\" is no version");
            if (parsed < CniVersions.TryParse(oldest))
            {
                throw new CniException(CniErrorCode.IncompatibleVersion,
                    $"config version does not allow {verb.ToCommand()}: cniVersion is \"{version}\", needed is \"{oldest}\" or newer");
            }
        }
        if (!_plugin.SupportedVersions.Contains(version))
        {
            throw new CniException(CniErrorCode.IncompatibleVersion,
                $"incompatible CNI versions: {_plugin.Type} does not support cniVersion \"{version}\"",
                $"config is \"{version}\", plugin supports [{string.Join(' ', _plugin.SupportedVersions)}]");
        }
    }

    /// <summary>Refuses namespaces in which nothing may be done, before anything is done.</summary>
    private void CheckNamespace(CniInvocation call)
    {
        string path = call.NetNS;
        if (call.NetNSIsOwn)
        {
            throw new CniException(CniErrorCode.InvalidNetNS,
                $"CNI_NETNS {path} is the network namespace of the plugin itself; set CNI_NETNS_OVERRIDE=1 if that is meant");
        }
        if (!_plugin.NeedsNetNS || call.Namespace is not null)
            return;
        throw new CniException(CniErrorCode.InvalidNetNS, FileStatus.TryGet(path) is null
            ? $"CNI_NETNS {path} does not exist: the container's network namespace is gone or was never made"
            : $"CNI_NETNS {path} is not a network namespace, perhaps what a reboot left of one");
    }

    private byte[] WriteVersions() => JsonOutput.Write(
        writer =>
        {
            writer.WriteString("cniVersion"u8, CniVersions.Newest);
            writer.WriteStartArray("supportedVersions"u8);
            foreach (string version in _plugin.SupportedVersions)
                writer.WriteStringValue(version);
            writer.WriteEndArray();
        },
        indented: false);

    private void AnswerError(CniException error)
    {
        try
        {
            Output(ErrorAnswer.Write(error, _answerVersion));
        }
        catch (OutputException e)
        {
            _host.WriteError($"{error.Message} ({e.Message})");
        }
    }

    private void Output(byte[] answer)
    {
        try
        {
            _host.WriteOutput(answer);
        }
        catch (LinuxException e)
        {
            throw new OutputException(e);
        }
    }

    /// <summary>stdout is broken: nothing more can be said there.</summary>
    private sealed class OutputException(LinuxException cause) : Exception($"cannot write the answer to stdout: {cause.Message}", cause);
}
