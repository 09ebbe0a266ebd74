using System.Net;
using Cni;

namespace Plugins.Configuration;

/// <summary>One entry of <c>portMappings</c>.</summary>
internal sealed class PortMappingConfig
{
    public int HostPort { get; private set; }

    public int ContainerPort { get; private set; }

    public string Protocol { get; private set; } = "";

    /// <summary>Null if it is absent or empty.</summary>
    public IPAddress? HostIP { get; private set; }

    /// <summary>Reads the list on which a cursor stands.</summary>
    public static IReadOnlyList<PortMappingConfig> ReadList(ref JsonCursor json)
    {
        List<PortMappingConfig> entries = [];
        json.EnterArray();
        while (json.NextElement())
        {
            PortMappingConfig entry = new();
            json.EnterObject();
            while (json.NextMember())
            {
                if (json.Is("hostPort"u8))
                    entry.HostPort = json.Int32();
                else if (json.Is("containerPort"u8))
                    entry.ContainerPort = json.Int32();
                else if (json.Is("protocol"u8))
                    entry.Protocol = json.String();
                else if (json.Is("hostIP"u8))
                    entry.HostIP = json.Address();
            }
            entries.Add(entry);
        }
        return entries;
    }
}
