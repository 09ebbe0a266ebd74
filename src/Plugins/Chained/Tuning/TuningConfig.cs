using Cni;

namespace Plugins.Chained.Tuning;

/// <summary>The keys of the <c>tuning</c> plugin as they stand in the configuration.</summary>
internal sealed class TuningConfig
{
    /// <summary>Where records are kept unless the configuration says otherwise.</summary>
    public const string DefaultDataDir = "/run/cni/tuning";

    public TuningKeys Keys { get; } = new();

    /// <summary><c>args.cni</c>.</summary>
    public TuningKeys Args { get; } = new();

    /// <summary><c>runtimeConfig.mac</c>.</summary>
    public string RuntimeMac { get; private set; } = "";

    /// <summary>Where records are kept.</summary>
    public string DataDir { get; private set; } = DefaultDataDir;

    /// <summary>Reads the keys.</summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static TuningConfig Read(JsonCursor json)
    {
        TuningConfig config = new();
        json.EnterObject();
        while (json.NextMember())
        {
            if (config.Keys.TryReadMember(ref json))
                continue;
            if (json.Is("dataDir"u8))
                config.DataDir = ReadDataDir(ref json);
            else if (json.Is("args"u8))
                config.ReadArgs(ref json);
            else if (json.Is("runtimeConfig"u8))
                config.ReadRuntimeConfig(ref json);
        }
        return config;
    }

    /// <summary>
    /// The directories in which a record may lie: the configured one and, since the key may have changed since the ADD, the default one. No
    /// other key is looked at. A value that no ADD can have used is told and left out: a DEL that failed for it would keep the plugins
    /// before this one from being called.
    /// </summary>
    public static IReadOnlyList<string> ReadDataDirs(CniInvocation call)
    {
        string configured = DefaultDataDir;
        JsonCursor json = call.Config();
        json.EnterObject();
        while (json.NextMember())
        {
            if (!json.Is("dataDir"u8))
                continue;
            try
            {
                configured = ReadDataDir(ref json);
            }
            catch (CniException e)
            {
                call.Warn(e.Message);
            }
        }
        return configured == DefaultDataDir ? [DefaultDataDir] : [configured, DefaultDataDir];
    }

    private static string ReadDataDir(ref JsonCursor json)
    {
        string path = json.String();
        if (path.Length == 0)
            return DefaultDataDir;
        return path[0] == '/' ? path : throw json.Invalid("an absolute path, such as /run/cni/tuning");
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
                _ = Args.TryReadMember(ref json);
        }
    }

    private void ReadRuntimeConfig(ref JsonCursor json)
    {
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("mac"u8))
                RuntimeMac = json.String();
        }
    }
}
