using Cni;
using Plugins.Configuration;

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
                config.DataDir = RecordDirectory.Read(ref json, DefaultDataDir);
            else if (json.Is("args"u8))
                config.ReadArgs(ref json);
            else if (json.Is("runtimeConfig"u8))
                config.ReadRuntimeConfig(ref json);
        }
        return config;
    }

    /// <inheritdoc cref="RecordDirectory.ReadAll"/>
    public static IReadOnlyList<string> ReadDataDirs(CniInvocation call) => RecordDirectory.ReadAll(call, DefaultDataDir);

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
