using Linux;
using Linux.Namespaces;

namespace Cni;

/// <summary>Which code answers which exception: the one place that decides. Layers above add their own through a translation.</summary>
internal static class ErrorTable
{
    /// <summary>The answer to an exception.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="translate">Knows the exceptions of layers that this one does not know; null for the rest.</param>
    public static CniException Answer(Exception exception, Func<Exception, CniException?>? translate) => exception switch
    {
        CniException known => known,
        AggregateException { InnerExceptions.Count: > 0 } several => Join(several, translate),
        _ => translate?.Invoke(exception) ?? Answer(exception),
    };

    private static CniException Answer(Exception exception) => exception switch
    {
        LinuxException { Errno: Errno.EAGAIN or Errno.EBUSY } => Because(CniErrorCode.TryAgainLater, exception),
        LinuxException => Because(CniErrorCode.KernelFailure, exception),
        NotANamespaceException => Because(CniErrorCode.InvalidNetNS, exception),
        TimeoutException => Because(CniErrorCode.TryAgainLater, exception),
        OutOfMemoryException => new CniException(
            CniErrorCode.TryAgainLater,
            "the call needs more memory than the host or this executable's limit (256 MiB) allows",
            inner: exception),
        IOException or UnauthorizedAccessException => Because(CniErrorCode.IOFailure, exception),
        _ => new CniException(
            CniErrorCode.Internal, $"internal error, please report it: {exception.Message}", exception.ToString(), exception),
    };

    /// <summary>What several steps of one DEL or GC met: the first decides the code, all are told.</summary>
    private static CniException Join(AggregateException several, Func<Exception, CniException?>? translate)
    {
        CniException[] answers = [.. several.Flatten().InnerExceptions.Select(inner => Answer(inner, translate))];
        string[] details = [.. answers.Select(answer => answer.Details ?? "").Where(text => text.Length > 0)];
        return new CniException(
            answers[0].Code,
            string.Join("; ", answers.Select(answer => answer.Message)),
            details.Length > 0 ? string.Join("; ", details) : null,
            several);
    }

    private static CniException Because(CniErrorCode code, Exception cause) => new(code, cause.Message, inner: cause);
}
