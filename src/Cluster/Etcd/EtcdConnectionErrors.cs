using System.Security.Authentication;

namespace Cluster.Etcd;

/// <summary>Why there is no connection to a member, as exceptions say it, and what to do.</summary>
internal static class EtcdConnectionErrors
{
    /// <summary>Why the certificate of the member will not do, as a sentence; null if that is not it.</summary>
    /// <param name="e">What the connection failed of.</param>
    /// <param name="endpoint">The member.</param>
    public static string? FindRefusal(Exception? e, Uri endpoint)
    {
        if (Chain(e).OfType<AuthenticationException>().FirstOrDefault() is not { } tls)
            return null;
        string text = tls.GetBaseException().Message;
        return text switch
        {
            _ when Has(text, "NotTimeValid") =>
                "its certificate has expired, or is not valid yet: issue a new one, and look whether this host's clock is right",
            _ when Has(text, "UntrustedRoot") || Has(text, "PartialChain") || Has(text, "NotSignatureValid") =>
                "its certificate is not trusted: check ca, which must hold the authority that has signed it",
            _ when Has(text, "RemoteCertificateNameMismatch") =>
                $"its certificate is for another host than {endpoint.Host}: use a name that it has, or issue one for {endpoint.Host}",
            _ when Has(text, "corrupted frame") => "it does not speak TLS: write http:// if it serves without a certificate",
            _ => $"{text}; check ca, cert and key: none may be expired, each must be trusted",
        };
    }

    /// <summary>What may be wrong with a member that answers, and not as etcd does, as a sentence; null if nothing is known.</summary>
    /// <param name="e">What the connection failed of.</param>
    /// <param name="endpoint">The member.</param>
    /// <param name="hasCertificate">Whether this side shows a certificate.</param>
    public static string? FindSuspicion(Exception? e, Uri endpoint, bool hasCertificate)
    {
        // With TLS 1.3 a server refuses a client's certificate when for the client the handshake is over already (RFC 8446, section
        // 4.4.2.4), so that it is seen as a connection that ends before HTTP begins.
        const string What = "it ended the connection at once: ";
        if (Chain(e).Any(static inner => Has(inner.Message, "HTTP/2 handshake")))
        {
            return endpoint.Scheme == Uri.UriSchemeHttp ? $"{What}if it serves with a certificate, write https://"
                : hasCertificate ? $"{What}it may not accept cert, which must be signed by an authority that it trusts, and not be expired"
                : $"{What}if it asks for a certificate, set cert and key";
        }
        return Chain(e).OfType<HttpRequestException>().FirstOrDefault()?.HttpRequestError switch
        {
            HttpRequestError.HttpProtocolError => "what answers there is no etcd: check the endpoint",
            HttpRequestError.SecureConnectionError => $"{What}if it serves without a certificate, write http://",
            _ => null,
        };
    }

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.Ordinal);

    private static IEnumerable<Exception> Chain(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
            yield return e;
    }
}
