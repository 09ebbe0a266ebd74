using Cni;
using Dhcp.Client;

namespace Dhcp.Daemon;

/// <summary>
/// What a plugin asks of the daemon: one line of JSON, <c>{"command": "ADD", "lease": {…}}</c>, with <c>"valid": [{"containerID",
/// "ifname"}]</c> for GC. Plugin and daemon are one executable, so this is nobody else's protocol. The answer is a CNI result, an error, or
/// <c>{}</c>.
/// </summary>
/// <param name="Command">ADD, DEL, CHECK, GC or STATUS.</param>
/// <param name="Lease">The attachment; for GC and STATUS only the network counts.</param>
/// <param name="Valid">GC: the attachments that stay.</param>
internal sealed record DaemonRequest(string Command, LeaseRequest Lease, IReadOnlyList<Attachment> Valid)
{
    private const string Document = "request to the DHCP daemon";

    /// <summary>Reads a line.</summary>
    /// <exception cref="CniException">It is no request.</exception>
    public static DaemonRequest Read(ReadOnlySpan<byte> line)
    {
        string command = "";
        LeaseRequest? lease = null;
        List<Attachment> valid = [];
        JsonCursor json = new(line, Document);
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("command"u8))
                command = json.String();
            else if (json.Is("lease"u8))
                lease = LeaseRequest.Read(ref json);
            else if (json.Is("valid"u8))
                valid = ReadValid(ref json);
        }
        json.Finish();
        return new DaemonRequest(command, lease ?? throw json.Lacks("lease"), valid);
    }

    /// <summary>Writes the line.</summary>
    public byte[] ToLine() =>
    [
        .. JsonOutput.Write(
            writer =>
            {
                writer.WriteString("command"u8, Command);
                writer.WritePropertyName("lease"u8);
                Lease.WriteTo(writer);
                writer.WriteStartArray("valid"u8);
                foreach (Attachment attachment in Valid)
                {
                    writer.WriteStartObject();
                    writer.WriteString("containerID"u8, attachment.ContainerId);
                    writer.WriteString("ifname"u8, attachment.IfName);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
            },
            indented: false),
        (byte)'\n',
    ];

    private static List<Attachment> ReadValid(ref JsonCursor json)
    {
        List<Attachment> valid = [];
        json.EnterArray();
        while (json.NextElement())
        {
            string containerId = "", ifName = "";
            json.EnterObject();
            while (json.NextMember())
            {
                if (json.Is("containerID"u8))
                    containerId = json.String();
                else if (json.Is("ifname"u8))
                    ifName = json.String();
            }
            valid.Add(new Attachment(containerId, ifName));
        }
        return valid;
    }
}
