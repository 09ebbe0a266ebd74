using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Agent.Api;

namespace CniAgent.Commands;

/// <summary>Asks the agent of this node, over its socket.</summary>
internal sealed class AgentClient : IDisposable
{
    private readonly string _socket;
    private readonly HttpClient _http;

    /// <param name="socket">Where the agent listens.</param>
    public AgentClient(string socket)
    {
        _socket = socket;
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync }) { BaseAddress = new Uri("http://agent/") };
    }

    /// <summary>Asks for something.</summary>
    /// <exception cref="CommandException">There is no agent, or it refuses.</exception>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, path, null, cancel);
        return await ReadAsync(response, type, cancel);
    }

    /// <summary>Wants something done that has no answer.</summary>
    /// <exception cref="CommandException">There is no agent, or it refuses.</exception>
    public async Task DoAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancel) =>
        (await SendAsync(method, path, body, cancel)).Dispose();

    /// <summary>Wants something done.</summary>
    /// <exception cref="CommandException">There is no agent, or it refuses.</exception>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using HttpResponseMessage response = await SendAsync(method, path, body: null, cancel);
        return await ReadAsync(response, type, cancel);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancel)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : new ByteArrayContent(body) };
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, cancel);
        }
        catch (HttpRequestException e)
        {
            throw e.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied }
                ? new CommandException($"{_socket} is root's: run this with sudo", e)
                : new CommandException($"no agent answers at {_socket}: start it, systemctl start cniagent", e);
        }
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            string text = await response.Content.ReadAsStringAsync(cancel);
            throw new CommandException(ErrorIn(text) ?? $"the agent answers {(int)response.StatusCode}: {text}");
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancel) =>
        JsonSerializer.Deserialize(await response.Content.ReadAsStreamAsync(cancel), type)
        ?? throw new CommandException("the agent answers nothing; is it another version?");

    private static string? ErrorIn(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, ApiJson.Default.ApiError)?.Error;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
