namespace Cluster.Etcd;

/// <summary>How etcd is reached.</summary>
public sealed record EtcdOptions
{
    /// <summary>
    /// The members, each as <c>http://host:port</c> or <c>https://host:port</c>; any of them serves, and the others where it does not.
    /// </summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>PEM file of the authorities that may have signed the members' certificates; null for the system's.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>PEM file of the certificate that this node shows; null to show none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file of its key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The user's name; null where etcd asks for none, or takes it from the certificate.</summary>
    public string? User { get; init; }

    /// <summary>The user's password.</summary>
    public string? Password { get; init; }

    /// <summary>How long one member may take for one request; and the quiet after which a connection is looked at.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
}
