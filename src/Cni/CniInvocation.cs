using Linux.Namespaces;

namespace Cni;

/// <summary>One call of a plugin: what the runtime said, checked as far as the protocol goes.</summary>
public sealed class CniInvocation : IDisposable
{
    private readonly CniEnvironment _environment;
    private readonly NetworkConfig _config;
    private NetworkNamespace? _namespace;
    private bool _namespaceLookedUp;
    private bool? _netNSIsOwn;

    internal CniInvocation(CniVerb verb, ICniHost host, CniEnvironment environment, ReadOnlyMemory<byte> input, NetworkConfig config)
    {
        Verb = verb;
        Host = host;
        _environment = environment;
        Input = input;
        _config = config;
    }

    public CniVerb Verb { get; }

    /// <summary>CNI_CONTAINERID; "" for GC and STATUS.</summary>
    public string ContainerId => _environment.ContainerId;

    /// <summary>CNI_NETNS to the letter; "" if unset.</summary>
    public string NetNS => _environment.NetNS;

    /// <summary>CNI_IFNAME; "" for GC and STATUS.</summary>
    public string IfName => _environment.IfName;

    /// <summary>What ADD makes and DEL removes.</summary>
    public Attachment Attachment => new(ContainerId, IfName);

    /// <summary>CNI_ARGS; DEL skips what is malformed.</summary>
    /// <exception cref="CniException"><see cref="CniErrorCode.InvalidEnvironment"/></exception>
    public CniArgs Args => field ??= CniArgs.Parse(_environment.Args, tolerant: Verb == CniVerb.Del);

    /// <summary>The directories of CNI_PATH.</summary>
    public IReadOnlyList<string> Path => field ??= _environment.Path.Split(':', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>CNI_NETNS_OVERRIDE.</summary>
    public bool NetNSOverride => _environment.NetNSOverride;

    /// <summary>stdin, byte for byte, for delegates.</summary>
    public ReadOnlyMemory<byte> Input { get; }

    /// <summary>The configuration's version, which is the answer's too.</summary>
    public string CniVersion => _config.CniVersion;

    /// <summary>The network's name.</summary>
    public string Network => _config.Name;

    /// <summary>The result of the plugins before this one, or of the whole chain for CHECK and DEL; null if there is none.</summary>
    /// <exception cref="CniException">It cannot be read.</exception>
    public CniResult? PrevResult => field ??=
        _config.PrevResult is { } range ? CniResult.ParsePrevious(Input.Span[range], CniVersion) : null;

    /// <summary><see cref="PrevResult"/> where a plugin cannot work without: chained ADD, CHECK.</summary>
    /// <exception cref="CniException"><see cref="CniErrorCode.InvalidNetworkConfig"/>: there is none.</exception>
    public CniResult RequiredPrevResult => PrevResult ?? throw CniException.InvalidConfig(Verb == CniVerb.Check
        ? "CHECK needs the prevResult of the ADD in the network configuration"
        : "the network configuration has no prevResult: this plugin must be called as chained plugin, behind one that makes an interface");

    /// <summary>
    /// <see cref="PrevResult"/> where a plugin can do without: DEL. One that cannot be read is none and a warning, since no repetition of
    /// the DEL would mend it.
    /// </summary>
    public CniResult? ReadablePrevResult
    {
        get
        {
            try
            {
                return PrevResult;
            }
            catch (CniException e)
            {
                Warn(e.Message);
                return null;
            }
        }
    }

    /// <summary>GC: the attachments that are in use. Everything of this network that is not among them is garbage.</summary>
    public IReadOnlyList<Attachment> ValidAttachments => field ??= _config.ReadValidAttachments(Input.Span);

    /// <summary>CNI_NETNS opened, once and for the whole call; null if it is unset, absent or no network namespace.</summary>
    public NetworkNamespace? Namespace
    {
        get
        {
            if (!_namespaceLookedUp)
                _namespace = NetworkNamespace.TryOpen(NetNS);
            _namespaceLookedUp = true;
            return _namespace;
        }
    }

    /// <summary>
    /// Whether CNI_NETNS is the plugin's own namespace and the caller has not said that this is meant. ADD and CHECK are refused then; DEL
    /// must leave the interfaces alone, since a recycled PID is the usual cause (containernetworking/plugins#714).
    /// </summary>
    public bool NetNSIsOwn => _netNSIsOwn ??= !NetNSOverride && IsOwn(Namespace);

    /// <summary>
    /// <see cref="Namespace"/>, where a DEL may take interfaces away; null also where <see cref="NetNSIsOwn"/>, whose interfaces are no
    /// pod's.
    /// </summary>
    public NetworkNamespace? ForeignNamespace => NetNSIsOwn ? null : Namespace;

    internal ICniHost Host { get; }

    /// <summary>A configuration that an operator has given, to be read as in an ADD; there is no container.</summary>
    /// <param name="host">The process's edges.</param>
    /// <param name="configuration">Of one plugin, UTF-8.</param>
    /// <exception cref="CniException">It is no JSON.</exception>
    public static CniInvocation OfOperator(ICniHost host, ReadOnlyMemory<byte> configuration) =>
        new(CniVerb.Add, host, CniEnvironment.Read(host), configuration, NetworkConfig.Read(configuration.Span));

    /// <summary>A variable of the environment that is none of the protocol's; "" if unset.</summary>
    public string Variable(string name) => Host.Variable(name);

    /// <summary>The same call with another verb: a DEL that undoes an ADD.</summary>
    public CniInvocation As(CniVerb verb) => new(verb, Host, _environment, Input, _config);

    /// <summary>The configuration's <c>ipam.type</c>; null for a network without addresses.</summary>
    public string? IpamType => field ??= _config.Ipam is { } range ? NetworkConfig.ReadIpamType(Input.Span[range]) : null;

    /// <summary>The configuration's <c>dns</c>; null if it has none, or one without members. Empty lists are members.</summary>
    public CniDns? Dns => field ??= _config.Dns is { } range ? NetworkConfig.ReadDns(Input.Span[range]) : null;

    /// <summary>
    /// The configuration, for the plugin to read its keys from. Source-generated serializers would read it into a type, too, at 600 µs
    /// for each type against 13 µs (docs/performance.md).
    /// </summary>
    public JsonCursor Config() => new(Input.Span, NetworkConfig.Document);

    /// <summary>Says something to the operator that is no failure.</summary>
    public void Warn(string message) => Host.WriteError($"warning: {message}");

    public void Dispose() => _namespace?.Dispose();

    private static bool IsOwn(NetworkNamespace? target)
    {
        if (target is null)
            return false;
        using NetworkNamespace own = NetworkNamespace.Current();
        return target.IsSameAs(own);
    }
}
