using Cni;

namespace Plugins.Chained.Endpoint;

/// <summary>Who a pod is, by what its runtime says in CNI_ARGS; docs/endpoint.md, "Names", has the table.</summary>
/// <param name="Name">Empty if nobody told it.</param>
/// <param name="Namespace">Empty if nobody told it.</param>
/// <param name="Uid">Empty if nobody told it.</param>
internal sealed record EndpointIdentity(string Name, string Namespace, string Uid)
{
    private const string NomadPrefix = "NOMAD_";
    private const string Allocation = "NOMAD_ALLOC_ID";

    // An allocation's ID is a UUID; people know it by its first digits, as nomad(1) shows it.
    private const int ShortIdLength = 8;

    /// <summary>Reads CNI_ARGS.</summary>
    /// <exception cref="CniException">They are malformed.</exception>
    public static EndpointIdentity Read(CniArgs args)
    {
        // A Nomad job may add arguments of its own, which the NOMAD_ ones overrule but others need not: a K8S_POD_NAMESPACE beside an
        // allocation would be a job's word about which policies are its.
        bool isNomad = args.Find(Allocation) is not null;
        return new EndpointIdentity(
            Other("K8S_POD_NAME") ?? NomadName(args) ?? Other("NERDCTL_CNI_DHCP_HOSTNAME") ?? "",
            Other("K8S_POD_NAMESPACE") ?? args.Find("NOMAD_NAMESPACE") ?? "",
            Other("K8S_POD_UID") ?? args.Find(Allocation) ?? "");

        string? Other(string key) => isNomad ? null : args.Find(key);
    }

    /// <summary>What Nomad says of the job, as labels: <c>nomad/job_id</c> for NOMAD_JOB_ID. What else a job has set is none.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Labels(CniArgs args)
    {
        foreach (string key in (string[])["NOMAD_REGION", "NOMAD_NAMESPACE", "NOMAD_JOB_ID", "NOMAD_GROUP_NAME", Allocation])
        {
            if (args.Find(key) is { } value)
                yield return new($"nomad/{key[NomadPrefix.Length..].ToLowerInvariant()}", value);
        }
    }

    /// <summary>Job, group and the beginning of the allocation, since a group has as many allocations as its count.</summary>
    private static string? NomadName(CniArgs args)
    {
        string? allocation = args.Find(Allocation);
        string?[] parts =
        [
            args.Find("NOMAD_JOB_ID"),
            args.Find("NOMAD_GROUP_NAME"),
            allocation?[..Math.Min(ShortIdLength, allocation.Length)],
        ];
        return parts.OfType<string>().ToArray() is { Length: > 0 } told ? string.Join('-', told) : null;
    }
}
