using Cni;
using Datapath.Endpoints;
using Plugins.Configuration;

namespace Plugins.Chained.Endpoint;

/// <summary>The keys of the <c>endpoint</c> plugin as they stand in the configuration; docs/endpoint.md says what they mean.</summary>
internal sealed class EndpointConfig
{
    private readonly string _network;

    private EndpointConfig(string network) => _network = network;

    public bool Gate { get; private set; }

    /// <summary>Where records are kept.</summary>
    public string DataDir { get; private set; } = EndpointStore.DefaultDirectory;

    /// <summary><c>args.cni.labels</c>, in their order, duplicates included.</summary>
    public List<KeyValuePair<string, string>> Labels { get; } = [];

    /// <summary><c>runtimeConfig.aliases</c> of the network, duplicates included.</summary>
    public List<string> Aliases { get; } = [];

    /// <summary>The runtime's <c>io.kubernetes.cri.pod-annotations</c>.</summary>
    public SortedDictionary<string, string> Annotations { get; } = new(StringComparer.Ordinal);

    /// <summary><c>runtimeConfig.portMappings</c>.</summary>
    public IReadOnlyList<PortMappingConfig> PortMappings { get; private set; } = [];

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static EndpointConfig Read(CniInvocation call)
    {
        EndpointConfig config = new(call.Network);
        JsonCursor json = call.Config();
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("gate"u8))
                config.Gate = json.Boolean();
            else if (json.Is("dataDir"u8))
                config.DataDir = RecordDirectory.Read(ref json, EndpointStore.DefaultDirectory);
            else if (json.Is("args"u8))
                config.ReadArgs(ref json);
            else if (json.Is("runtimeConfig"u8))
                config.ReadRuntimeConfig(ref json);
        }
        return config;
    }

    private void ReadArgs(ref JsonCursor json)
    {
        json.EnterObject();
        while (json.NextMember())
        {
            if (!json.Is("cni"u8))
                continue;
            json.EnterObject();
            while (json.NextMember())
            {
                if (json.Is("labels"u8))
                    ReadLabels(ref json);
            }
        }
    }

    private void ReadLabels(ref JsonCursor json)
    {
        Labels.Clear();
        json.EnterArray();
        while (json.NextElement())
        {
            string key = "", value = "";
            json.EnterObject();
            while (json.NextMember())
            {
                if (json.Is("key"u8))
                    key = json.String();
                else if (json.Is("value"u8))
                    value = json.String();
            }
            if (key.Length == 0)
                throw json.Lacks("key");
            Labels.Add(new(key, value));
        }
    }

    private void ReadRuntimeConfig(ref JsonCursor json)
    {
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("aliases"u8))
                ReadAliases(ref json);
            else if (json.Is("io.kubernetes.cri.pod-annotations"u8))
                ReadAnnotations(ref json);
            else if (json.Is("portMappings"u8))
                PortMappings = PortMappingConfig.ReadList(ref json);
        }
    }

    /// <summary>A list is the convention; podman and ocicni send a map of all the container's networks.</summary>
    private void ReadAliases(ref JsonCursor json)
    {
        Aliases.Clear();
        if (json.IsArray)
        {
            ReadNames(ref json);
            return;
        }
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Key == _network)
                ReadNames(ref json);
        }
    }

    private void ReadNames(ref JsonCursor json)
    {
        json.EnterArray();
        while (json.NextElement())
        {
            string name = json.String();
            Aliases.Add(name.Length > 0 ? name : throw json.Invalid("a name"));
        }
    }

    private void ReadAnnotations(ref JsonCursor json)
    {
        Annotations.Clear();
        json.EnterObject();
        while (json.NextMember())
        {
            string key = json.Key;
            Annotations[key] = json.String();
        }
    }
}
