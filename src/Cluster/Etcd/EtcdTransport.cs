using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Cluster.Store;
using Grpc.Net.Client;

namespace Cluster.Etcd;

/// <summary>Connections to etcd's members.</summary>
internal static class EtcdTransport
{
    // Far more than a page of a listing or a batch of a watch takes; the library's own limit is 4 MB.
    private const int MaxMessageSize = 256 * 1024 * 1024;

    /// <summary>Makes a channel to one member. It connects when it is used.</summary>
    /// <exception cref="StoreException">A certificate file cannot be used.</exception>
    public static GrpcChannel Open(Uri endpoint, EtcdOptions options) => GrpcChannel.ForAddress(endpoint, new GrpcChannelOptions
    {
        MaxReceiveMessageSize = MaxMessageSize,
        MaxSendMessageSize = MaxMessageSize,
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            ConnectTimeout = options.Timeout,
            // A member that is gone without a word, or a connection that is half closed: a watch would wait for ever.
            KeepAlivePingDelay = options.Timeout,
            KeepAlivePingTimeout = options.Timeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
            SslOptions = endpoint.Scheme == Uri.UriSchemeHttps ? SslOptionsOf(options) : new SslClientAuthenticationOptions(),
        },
    });

    private static SslClientAuthenticationOptions SslOptionsOf(EtcdOptions options)
    {
        SslClientAuthenticationOptions ssl = new();
        if (options.CertificateFile is { } certificate)
            ssl.ClientCertificates = [Read(certificate, () => X509Certificate2.CreateFromPemFile(certificate, options.KeyFile))];
        if (options.AuthorityFile is { } authority)
        {
            X509Certificate2Collection trusted = [];
            _ = Read<object?>(authority, () =>
            {
                trusted.ImportFromPemFile(authority);
                return trusted.Count > 0 ? null : throw new InvalidDataException("it holds no certificate");
            });
            ssl.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            ssl.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }
        return ssl;
    }

    private static T Read<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException
            or System.Security.Cryptography.CryptographicException)
        {
            throw new StoreException(StoreErrorKind.Invalid, $"etcd: {file} cannot be used as a PEM file: {e.Message}", e);
        }
    }
}
